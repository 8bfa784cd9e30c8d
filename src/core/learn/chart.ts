/** What a chart shows, as data. The drawing is an adapter's; the places of the labels are computed here. */

/** Whose line it is. A drawing gives each tone one colour that colour-blind readers can tell apart. */
export type Tone = 'unguarded' | 'guarded' | 'former' | 'bad' | 'fixed' | 'limit'

/** A line of a chart. */
export interface ChartLine {
  readonly name: string
  readonly tone: Tone
  readonly style: 'line' | 'step'
  readonly dashed: boolean
  /** x in minutes of the incident since the deployment; y in the axis' unit, or null for a gap. Ordered by x. */
  readonly points: readonly (readonly [x: number, y: number | null])[]
}

/** An event to be marked: a vertical line with a label. `x` in minutes of the incident since the deployment. */
export interface ChartMarker {
  readonly x: number
  readonly label: string
  readonly tone: Tone
}

/** A stretch of time with a name, such as a phase; `x` as in ChartMarker. */
export interface ChartBand {
  readonly from: number
  readonly to: number
  readonly label: string
}

/** A whole chart. The same spec gives the same drawing. */
export interface ChartSpec {
  /** Also the file name: `charts/<id>.svg`. Letters, digits and `-`. */
  readonly id: string
  readonly title: string
  /** For readers who cannot see it: what it shows, with its main numbers. */
  readonly description: string
  /** Of the whole picture, in pixels. */
  readonly width: number
  /** Of the plot alone; title, labels and legend are added to it. */
  readonly plotHeight: number
  readonly x: {
    readonly title: string
    readonly min: number
    readonly max: number
    readonly ticks: readonly ChartTick[]
  }
  readonly y: { readonly title: string; readonly scale: 'linear' | 'log'; readonly min: number; readonly max: number }
  readonly lines: readonly ChartLine[]
  readonly thresholds: readonly { readonly value: number; readonly label: string }[]
  readonly bands: readonly ChartBand[]
  readonly markers: readonly ChartMarker[]
}

/** A named place on the time axis. */
export interface ChartTick {
  readonly x: number
  readonly label: string
}

/** A marker with the place of its label. */
export interface PlacedMarker extends ChartMarker {
  /** Row above the plot, 0 nearest to it. */
  readonly row: number
  /** Left edge and width of the label in pixels, measured from the plot's left edge. */
  readonly left: number
  readonly labelWidth: number
  /** Pixels from the plot's left edge to the marked instant. */
  readonly at: number
}

/** Estimated width of a character of the label font (11 px, sans-serif), rounded up. */
export const LABEL_CHARACTER_PX = 5.8
const LABEL_PADDING_PX = 10
const LABEL_GAP_PX = 4
/** More rows than this would push the plot away; the label that finds no place is left out, its line stays. */
export const MAX_LABEL_ROWS = 6

/** Pixels that a label needs, its frame included; an estimate from above. */
export const labelWidth = (label: string): number => Math.ceil(label.length * LABEL_CHARACTER_PX) + LABEL_PADDING_PX

/**
 * Places the labels of marked events in rows above the plot so that no two overlap and none hangs out of it. Rows are
 * filled from the right: an earlier event stands higher, so its line passes left of the labels below it.
 * `row` is -1 for a label without a place. The result is ordered by x.
 */
export function placeMarkers(
  markers: readonly ChartMarker[],
  plot: { readonly x: { readonly min: number; readonly max: number }; readonly width: number },
): readonly PlacedMarker[] {
  const starts: number[] = []
  const sorted = markers
    .map((marker, place) => ({ marker, place }))
    .sort((a, b) => a.marker.x - b.marker.x || a.place - b.place)
  return sorted
    .reverse()
    .map(({ marker }) => {
      const at = ((marker.x - plot.x.min) / (plot.x.max - plot.x.min)) * plot.width
      const wide = labelWidth(marker.label)
      const left = Math.max(0, Math.min(at, plot.width - wide))
      const free = starts.findIndex((start) => left + wide + LABEL_GAP_PX <= start)
      const row = free >= 0 ? free : starts.length < MAX_LABEL_ROWS ? starts.length : -1
      if (row >= 0) starts[row] = left
      return { ...marker, row, left, labelWidth: wide, at }
    })
    .reverse()
}
