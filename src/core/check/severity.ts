/** How bad a finding is: an `error` fails the gate by default, a `warning` warns, a `note` only tells. */
export type FindingSeverity = 'error' | 'warning' | 'note'
