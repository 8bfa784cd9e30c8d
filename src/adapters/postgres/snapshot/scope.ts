/** Which objects are the application's: not PostgreSQL's own, not temporary. */

/** Objects of PostgreSQL itself have smaller numbers. */
export const FIRST_OWN_OID = 16_384

/** A condition on a row of pg_namespace. */
export const userSchema = (alias: string): string =>
  `${alias}.nspname !~ '^pg_' and ${alias}.nspname <> 'information_schema'`

/** A condition that is true for objects that no extension brought along. */
export const notOfExtension = (catalog: string, oid: string): string =>
  `not exists (select from pg_depend e where e.classid = '${catalog}'::regclass and e.objid = ${oid} and e.deptype = 'e')`
