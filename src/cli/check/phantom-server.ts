/** Phantoms on the embedded PostgreSQL. */
import { createPhantoms, type PhantomsOptions } from '../../adapters/phantom/phantom.ts'
import type { Phantoms } from '../../core/check/ports.ts'
import { openHome } from './phantom-home.ts'

/** Where phantoms live, and how they tell what they do. */
export interface PhantomServerOptions extends Omit<PhantomsOptions, 'openHome'> {
  /** The `.premortem` folder; made when missing. */
  readonly root: string
}

/** Phantoms as `premortem check` uses them: each has a data directory of its own, which goes when the phantom is closed. */
export const embeddedPhantoms = (options: PhantomServerOptions): Phantoms =>
  createPhantoms({ ...options, openHome: (signal) => openHome(options.root, signal) })
