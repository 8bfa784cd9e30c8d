/** What an act is played with, and what it leaves behind. */
import type { Clock, DurationMs } from '../../base/time.ts'
import type { LedgerEvent, NewEvent, Stream } from '../../core/events.ts'
import type { Act, ScenarioClock } from '../../core/rehearse/scenario.ts'
import type { Script } from '../../core/rehearse/script.ts'
import type { SeriesPoint } from '../../core/watch/samples.ts'
import type { Scope } from '../scope.ts'
import type { ClientView } from './client-view.ts'
import type { ControlPlane } from './control-plane.ts'
import type { ExamplePaths } from './example.ts'
import type { Live } from './live.ts'
import type { Stage } from './stage.ts'
import type { ReferenceSystem } from './system.ts'
import type { PaymentTraffic } from './traffic/index.ts'

/** With what, and how fast, an act is played. */
export interface ActOptions {
  readonly act: Act
  readonly environment: string
  readonly script: Script
  readonly pace: DurationMs
  readonly seed: number
  readonly rows: number
  readonly stage: Stage
  readonly example: ExamplePaths
  /** What a check had against the release, overridden on purpose. */
  readonly overridden: readonly string[]
  readonly logFolder: string
  readonly clock: Clock
  readonly live: Live
  readonly scope: Scope
}

/** What one act left behind, before it is measured. */
export interface ActRun {
  readonly act: Act
  readonly environment: string
  readonly events: readonly LedgerEvent[]
  readonly series: readonly SeriesPoint[]
  readonly view: ClientView
  readonly scenario: ScenarioClock
}

/** Everything that the director of an act works with. */
export interface Acting {
  readonly options: ActOptions
  readonly stream: Stream
  readonly scenario: ScenarioClock
  readonly system: ReferenceSystem
  readonly control: ControlPlane
  readonly traffic: PaymentTraffic
  readonly view: ClientView
  readonly adminUrl: string
  /** Everything on the ledger so far, newest last. */
  readonly events: readonly LedgerEvent[]
  append(events: readonly NewEvent[]): Promise<readonly LedgerEvent[]>
  /** Waits until the incident's clock shows `HH:MM`. */
  until(time: string): Promise<void>
}
