/** A chart's data in the drawing library's terms. */
import type { EChartsCoreOption } from 'echarts/core'
import type { ChartLine, ChartSpec } from '../../core/learn/chart.ts'
import { LABEL_HEIGHT, type Layout } from './layout.ts'
import { BAND, FONT, INK, MUTED, RULE, TONES } from './palette.ts'

type Shape = Record<string, unknown>

/** Middle of the row that holds title and legend. */
const TITLE_MIDDLE = 19
/** Estimated width of a character of the legend (12 px), rounded up. */
const LEGEND_CHARACTER_PX = 6.1

const label = ([x, y]: readonly [number, number], style: Shape, z: number): Shape => ({
  type: 'text',
  silent: true,
  z,
  x,
  y,
  style: { font: `11px ${FONT}`, fill: INK, verticalAlign: 'middle', ...style },
})

const stroke = (points: readonly [number, number, number, number], style: Shape, z: number): Shape => ({
  type: 'line',
  silent: true,
  z,
  shape: { x1: points[0], y1: points[1], x2: points[2], y2: points[3] },
  style,
})

const box = (shape: Shape, style: Shape, z: number): Shape => ({ type: 'rect', silent: true, z, shape, style })

/** Phases: every second one shaded, named in a strip above the plot where the name fits. */
function bands(spec: ChartSpec, layout: Layout): readonly Shape[] {
  const { plot, strip } = layout
  return spec.bands.flatMap((band, place) => {
    const x = Math.max(plot.left, layout.xOf(band.from))
    const width = Math.min(plot.left + plot.width, layout.xOf(band.to)) - x
    if (width <= 0) return []
    const fill = place % 2 === 0 ? BAND : '#ffffff'
    const area = box({ x, y: strip.top, width, height: strip.height + plot.height }, { fill }, 0)
    const fits = width > band.label.length * 6
    const style = {
      text: band.label,
      fill: MUTED,
      align: 'center',
      font: `10px ${FONT}`,
      backgroundColor: fill,
      padding: [1, 4],
    }
    return fits ? [area, label([x + width / 2, strip.top + strip.height / 2], style, 4)] : [area]
  })
}

/** Limits: a dashed line with its name at the right end. */
function thresholds(spec: ChartSpec, layout: Layout): readonly Shape[] {
  const { plot } = layout
  return spec.thresholds.flatMap(({ value, label: name }) => {
    const y = layout.yOf(value)
    const right = plot.left + plot.width
    return [
      stroke([plot.left, y, right, y], { stroke: TONES.limit, lineWidth: 1, lineDash: [5, 4] }, 2),
      label(
        [right - 4, y - 8],
        { text: name, align: 'right', fill: MUTED, backgroundColor: 'rgba(255,255,255,0.8)' },
        60,
      ),
    ]
  })
}

/** Marked events: a line through the plot, up to a label that stands clear of all others. */
function markers(layout: Layout): readonly Shape[] {
  const { plot } = layout
  return layout.markers.flatMap((marker) => {
    const x = plot.left + marker.at
    const color = TONES[marker.tone]
    const from = marker.row < 0 ? plot.top : marker.labelTop + LABEL_HEIGHT
    const line = stroke([x, from, x, plot.top + plot.height], { stroke: color, lineWidth: 1, opacity: 0.65 }, 3)
    if (marker.row < 0) return [line]
    const left = plot.left + marker.left
    const frame = { x: left, y: marker.labelTop, width: marker.labelWidth, height: LABEL_HEIGHT, r: 3 }
    return [
      line,
      box(frame, { fill: '#ffffff', stroke: color, lineWidth: 1 }, 4),
      label([left + 5, marker.labelTop + LABEL_HEIGHT / 2], { text: marker.label, fill: color }, 5),
    ]
  })
}

/** Names of the lines, from the right edge of the title's row; dashed like their lines. */
function legend(spec: ChartSpec, layout: Layout): readonly Shape[] {
  let right = layout.width - 16
  return [...spec.lines].reverse().flatMap((line) => {
    const width = line.name.length * LEGEND_CHARACTER_PX
    const left = right - width
    const from = left - 30
    right = from - 16
    const style = {
      stroke: TONES[line.tone],
      lineWidth: line.dashed ? 1.6 : 2.4,
      lineDash: line.dashed ? [5, 4] : null,
    }
    return [
      stroke([from, TITLE_MIDDLE, left - 6, TITLE_MIDDLE], style, 5),
      label([left, TITLE_MIDDLE], { text: line.name, font: `12px ${FONT}` }, 5),
    ]
  })
}

const series = (line: ChartLine): Shape => ({
  type: 'line',
  name: line.name,
  data: line.points.map(([x, y]) => [x, y]),
  silent: true,
  symbol: 'none',
  step: line.style === 'step' ? 'end' : false,
  connectNulls: false,
  z: 10,
  lineStyle: { color: TONES[line.tone], width: line.dashed ? 1.4 : 2, type: line.dashed ? [5, 4] : 'solid' },
  itemStyle: { color: TONES[line.tone] },
})

const number = (value: number): string =>
  value >= 1000 ? String(value).replace(/\B(?=(\d{3})+$)/g, ',') : String(Number(value.toPrecision(6)))

function axes(spec: ChartSpec): { readonly xAxis: Shape; readonly yAxis: Shape } {
  const text = { color: MUTED, fontSize: 11, fontFamily: FONT }
  const at = spec.x.ticks.map((tick) => tick.x)
  const named = new Map(spec.x.ticks.map((tick) => [Math.round(tick.x * 1000), tick.label]))
  return {
    xAxis: {
      type: 'value',
      min: spec.x.min,
      max: spec.x.max,
      name: spec.x.title,
      nameLocation: 'middle',
      nameGap: 28,
      nameTextStyle: text,
      splitLine: { show: false },
      axisLine: { onZero: false, lineStyle: { color: MUTED } },
      axisTick: { customValues: at, lineStyle: { color: MUTED } },
      axisLabel: { ...text, customValues: at, formatter: (x: number) => named.get(Math.round(x * 1000)) ?? '' },
    },
    yAxis: {
      type: spec.y.scale === 'log' ? 'log' : 'value',
      min: spec.y.min,
      max: spec.y.max,
      name: spec.y.title,
      nameLocation: 'middle',
      nameGap: 54,
      nameTextStyle: text,
      axisLine: { show: true, onZero: false, lineStyle: { color: MUTED } },
      splitLine: { lineStyle: { color: RULE } },
      axisLabel: { ...text, formatter: number },
    },
  }
}

/** Everything that the library needs to draw `spec`; nothing in it depends on time or chance. */
export function optionOf(spec: ChartSpec, layout: Layout): EChartsCoreOption {
  const { plot } = layout
  const title = label([12, TITLE_MIDDLE], { text: spec.title, font: `600 14px ${FONT}` }, 5)
  return {
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: FONT },
    grid: { left: plot.left, top: plot.top, width: plot.width, height: plot.height, outerBoundsMode: 'none' },
    ...axes(spec),
    series: spec.lines.map(series),
    graphic: [...bands(spec, layout), ...thresholds(spec, layout), ...markers(layout), ...legend(spec, layout), title],
  }
}
