/** Pixel places inside one chart. */
import { type ChartSpec, type PlacedMarker, placeMarkers } from '../../core/learn/chart.ts'

const TITLE_HEIGHT = 40
const ROW_HEIGHT = 19
const STRIP_HEIGHT = 18
const AXIS_HEIGHT = 48
const LEFT = 76
const RIGHT = 18

/** Where everything of one chart stands, in pixels from the picture's upper left corner. */
export interface Layout {
  readonly width: number
  readonly height: number
  readonly plot: { readonly left: number; readonly top: number; readonly width: number; readonly height: number }
  readonly markers: readonly (PlacedMarker & { readonly labelTop: number })[]
  /** Top and height of the strip that names the phases; height 0 without phases. */
  readonly strip: { readonly top: number; readonly height: number }
  xOf(value: number): number
  yOf(value: number): number
}

export const LABEL_HEIGHT = ROW_HEIGHT - 3

/** Room for the title, the labels in rows, the strip of phases, the plot and its axis, from top to bottom. */
export function layoutOf(spec: ChartSpec): Layout {
  const width = spec.width - LEFT - RIGHT
  const placed = placeMarkers(spec.markers, { x: spec.x, width })
  const rows = Math.max(0, ...placed.map((marker) => marker.row + 1))
  const strip = spec.bands.length === 0 ? 0 : STRIP_HEIGHT
  const stripTop = TITLE_HEIGHT + rows * ROW_HEIGHT + (rows > 0 ? 2 : 0)
  const top = stripTop + strip
  const { min, max, scale } = spec.y
  const part = (value: number) =>
    scale === 'log' ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min)
  return {
    width: spec.width,
    height: top + spec.plotHeight + AXIS_HEIGHT,
    plot: { left: LEFT, top, width, height: spec.plotHeight },
    markers: placed.map((marker) => ({ ...marker, labelTop: TITLE_HEIGHT + (rows - 1 - marker.row) * ROW_HEIGHT })),
    strip: { top: stripTop, height: strip },
    xOf: (value) => LEFT + ((value - spec.x.min) / (spec.x.max - spec.x.min)) * width,
    yOf: (value) => top + spec.plotHeight * (1 - part(value)),
  }
}
