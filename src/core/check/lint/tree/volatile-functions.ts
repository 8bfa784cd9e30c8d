/**
 * Functions by their volatility, from pg_proc of PostgreSQL 18: those that a default or a computed column may well call.
 * Names where one overload is volatile count as volatile.
 */

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/).filter((word) => word !== ''))

/** PostgreSQL's own, and those of uuid-ossp and pgcrypto. */
export const VOLATILE_FUNCTIONS = words(`
  array_sample array_shuffle clock_timestamp currval gen_random_bytes gen_random_uuid gen_salt lastval nextval pg_sleep
  random random_normal set_config setval timeofday uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4 uuidv4 uuidv7
`)

/** Stable and immutable ones: evaluated once, however many rows there are. */
export const STEADY_FUNCTIONS = words(`
  abs age array_append array_cat array_dims array_fill array_length array_lower array_ndims array_position
  array_positions array_prepend array_remove array_replace array_reverse array_to_json array_to_string array_upper
  array_to_tsvector ascii bit_length btrim cardinality casefold cbrt ceil ceiling char_length character_length chr
  concat concat_ws convert convert_from convert_to current_database current_schema current_schemas current_setting
  current_user date date_add date_bin date_part date_subtract date_trunc daterange decode degrees div encode exp extract
  factorial floor format gcd get_bit get_byte inet_client_addr inet_server_addr initcap int4multirange int4range
  int8multirange int8range isempty isfinite json_array_length json_build_array json_build_object json_extract_path
  json_extract_path_text json_object json_strip_nulls json_typeof jsonb_array_length jsonb_build_array
  jsonb_build_object jsonb_extract_path jsonb_extract_path_text jsonb_insert jsonb_object jsonb_path_exists
  jsonb_path_match jsonb_path_query_array jsonb_path_query_first jsonb_set jsonb_set_lax jsonb_strip_nulls jsonb_typeof
  justify_days justify_hours justify_interval lcm left length ln localtimestamp log log10 lower lower_inc lower_inf lpad
  ltrim make_date make_interval make_time make_timestamp make_timestamptz md5 mod normalize now num_nonnulls num_nulls
  numeric numrange nummultirange octet_length overlay parse_ident phraseto_tsquery pg_backend_pid pg_client_encoding
  pg_column_size pg_get_expr pg_get_serial_sequence pg_postmaster_start_time pg_size_pretty pg_typeof pi
  plainto_tsquery point position power pow quote_ident quote_literal quote_nullable radians regexp_count regexp_instr
  regexp_like regexp_match regexp_replace regexp_split_to_array regexp_substr repeat replace reverse right round
  row_to_json rpad rtrim session_user setweight sha224 sha256 sha384 sha512 sign split_part sqrt starts_with
  statement_timestamp string_to_array strip strpos substr substring system_user text timestamptz timezone to_char
  to_date to_hex to_json to_jsonb to_number to_regclass to_regtype to_timestamp to_tsquery to_tsvector
  transaction_timestamp translate trim_array trunc tsmultirange tsrange tstzmultirange tstzrange txid_current unistr
  upper upper_inc upper_inf version websearch_to_tsquery width_bucket xmlcomment
  uuid_nil uuid_ns_dns uuid_ns_oid uuid_ns_url uuid_ns_x500 uuid_generate_v3 uuid_generate_v5
  crypt digest hmac unaccent hstore
`)
