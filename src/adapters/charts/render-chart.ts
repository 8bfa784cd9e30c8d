/** Draws a chart as SVG, without a browser. */
import { LineChart } from 'echarts/charts'
import { GraphicComponent, GridComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import type { ChartSpec } from '../../core/learn/chart.ts'
import { layoutOf } from './layout.ts'
import { optionOf } from './option.ts'

use([LineChart, GridComponent, GraphicComponent, SVGRenderer])

const escaped = (value: string): string => value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

/**
 * The library numbers its ids through the life of the process and adds styles for a mouse. Both go: the same chart gives
 * the same bytes, and several charts can stand in one page.
 */
function settled(svg: string, id: string): string {
  return svg
    .replace(/<style\s*>[\s\S]*?<\/style>\s*/g, '')
    .replace(/ class="zr\d+-cls-\d+"/g, '')
    .replace(/\bzr\d+-([a-z]+\d+)/g, `${id}-$1`)
}

/** Says what the picture shows to those who cannot see it, and fits it to the width it is given. */
function described(svg: string, spec: ChartSpec): string {
  return svg.replace(/^<svg width="(\d+)" height="(\d+)"[^>]*>/, (_match, width: string, height: string) => {
    const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`
    const names = `role="img" aria-labelledby="${spec.id}-title ${spec.id}-text"`
    const words = `<title id="${spec.id}-title">${escaped(spec.title)}</title><desc id="${spec.id}-text">${escaped(spec.description)}</desc>`
    return `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${names} style="max-width:100%;height:auto">\n${words}`
  })
}

/**
 * One chart as a complete SVG document on a white ground. The same spec gives the same bytes.
 * @throws RangeError when the id is not made of letters, digits and `-`
 */
export function renderChart(spec: ChartSpec): string {
  if (!/^[A-Za-z0-9-]+$/.test(spec.id)) throw new RangeError(`not an id of a chart: ${spec.id}`)
  const layout = layoutOf(spec)
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: layout.width, height: layout.height })
  try {
    chart.setOption(optionOf(spec, layout))
    return `${described(settled(chart.renderToSVGString(), spec.id), spec)}\n`
  } finally {
    chart.dispose()
  }
}
