/** Colours of Okabe and Ito (2008), which readers with any kind of colour blindness can tell apart on white. */
import type { Tone } from '../../core/learn/chart.ts'

export const TONES: { readonly [T in Tone]: string } = {
  unguarded: '#c44f00',
  guarded: '#0067a5',
  former: '#00785a',
  bad: '#c44f00',
  fixed: '#0067a5',
  limit: '#5b6470',
}

export const INK = '#1f2933'
export const MUTED = '#5b6470'
export const RULE = '#e3e7ec'
export const BAND = '#f1f4f8'
/** Without quotes: the library puts it into an attribute as it is. */
export const FONT = 'Helvetica, Arial, sans-serif'
