/** The commands by name, each loaded when it is asked for: `premortem lint` must not wait for what a drill needs. */
import type { Command } from 'commander'

/** A command of the program. */
export interface CommandEntry {
  readonly name: string
  /** For the list of commands; the same as the command's own summary. */
  readonly summary: string
  readonly load: () => Promise<Command>
}

/** In the order in which help lists them. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'drill',
    summary: 'rehearse an incident end to end: as it happened, then guarded',
    load: async () => (await import('./drill/command.ts')).drillCommand(),
  },
  {
    name: 'init',
    summary: 'look at this repository, and write a configuration, a CI job and the review checklist',
    load: async () => (await import('./init/command.ts')).initCommand(),
  },
  {
    name: 'check',
    summary: "would this change hurt at production's size?",
    load: async () => (await import('./check/command.ts')).checkCommand(),
  },
  {
    name: 'lint',
    summary: 'look at migrations for what hurts in production, with or without a snapshot',
    load: async () => (await import('./lint/command.ts')).lintCommand(),
  },
  {
    name: 'snapshot',
    summary: 'take schema, planner statistics and workload out of production, no rows',
    load: async () => (await import('./snapshot/command.ts')).snapshotCommand(),
  },
]
