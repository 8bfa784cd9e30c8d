/** The tables of schema `premortem`, as kysely sees them. The migrations beside this file create them. */
import type { ColumnType, Generated } from 'kysely'

/** bigint: written as a number, read as text by the driver. */
type Bigint = ColumnType<string, number, number>
/** jsonb: written as text, read as the parsed value. */
type Json = ColumnType<unknown, string, string>

/** By qualified name. */
export interface LedgerTables {
  'premortem.streams': {
    environment: string
    service: string
    head: Bigint
  }
  'premortem.events': {
    environment: string
    service: string
    sequence: Bigint
    id: string
    at: Date
    recorded_at: Generated<Date>
    source: Json
    type: string
    data: Json
  }
  'premortem.decider_states': {
    environment: string
    service: string
    decider: string
    /** Head of the stream when the state was saved. */
    sequence: Bigint
    state: Json
  }
  'premortem.outbox_keys': {
    environment: string
    service: string
    key: string
  }
  'premortem.samples': {
    environment: string
    at: Date
    service: string
    release: string | null
    metric: string
    value: number
  }
}
