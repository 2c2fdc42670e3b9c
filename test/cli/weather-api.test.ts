import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startWeatherApi, type WeatherApi } from '../../examples/weather-api/server.ts'

let api: WeatherApi

beforeAll(async () => {
  api = await startWeatherApi({ port: 0 })
})

afterAll(() => api.close())

describe('the sample weather API', () => {
  it.each([
    [
      'GET',
      '/weather?city=Lagos',
      200,
      {
        city: 'Lagos',
        temperature_c: 33,
        conditions: 'cloudy',
        humidity_pct: 36,
        wind_kph: 2,
        observed_at: '2026-01-01T00:00:00.000Z',
      },
    ],
    ['GET', '/weather?city=', 400, { error: 'city is empty' }],
    ['GET', '/cities', 200, { cities: ['Lagos', 'Lisbon', 'Nairobi', 'Oslo', 'Tokyo'] }],
    ['GET', '/forecast/oslo?days=0', 400, { error: 'days is a whole number from 1 to 14' }],
    ['GET', '/nothing', 404, { error: 'no GET /nothing here' }],
    ['POST', '/weather', 404, { error: 'no POST /weather here' }],
  ])('answers %s %s with %i', async (method, path, status, body) => {
    const response = await fetch(`${api.url}${path}`, { method })
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.json()).toEqual(body)
  })

  it('says the same about the same city, however it is written, and something else about another', async () => {
    const ask = async (city: string) =>
      (await fetch(`${api.url}/weather?city=${encodeURIComponent(city)}`)).json()
    expect(await ask('new york')).toEqual(await ask(' New  YORK '))
    expect(await ask('Lagos')).not.toEqual(await ask('Oslo'))
  })

  it('forecasts as many days as are asked for', async () => {
    const response = await fetch(`${api.url}/forecast/New%20York?days=4`)
    const body = (await response.json()) as { city: string; days: { observed_at: string }[] }
    expect(body.city).toBe('New York')
    expect(body.days.map((day) => day.observed_at.slice(0, 10))).toEqual([
      '2026-01-02',
      '2026-01-03',
      '2026-01-04',
      '2026-01-05',
    ])
  })

  it('answers HEAD with the headers of GET and no body', async () => {
    for (const path of ['/weather?city=Lagos', '/stream', '/nothing']) {
      const [head, get] = [
        await fetch(`${api.url}${path}`, { method: 'HEAD' }),
        await fetch(`${api.url}${path}`),
      ]
      expect(head.status).toBe(get.status)
      expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'))
      expect(await head.text()).toBe('')
    }
  })

  it('echoes what arrived, and refuses a body that is too large', async () => {
    const response = await fetch(`${api.url}/echo`, {
      method: 'POST',
      body: 'hello',
      headers: { 'x-plan-id': 'pln_1' },
    })
    expect(await response.json()).toMatchObject({
      method: 'POST',
      body: 'hello',
      headers: { 'x-plan-id': 'pln_1' },
    })
    const large = await fetch(`${api.url}/echo`, { method: 'POST', body: 'x'.repeat(1024 * 1024 + 1) })
    expect(large.status).toBe(413)
  })

  it('streams one event a city and then says that it is done', async () => {
    const response = await fetch(`${api.url}/stream`)
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const events = (await response.text()).trimEnd().split('\n\n')
    expect(events).toHaveLength(6)
    expect(events[0]).toMatch(/^id: 1\nevent: weather\ndata: \{"city":"Lagos"/)
    expect(events.at(-1)).toBe('data: [DONE]')
  })

  it('says which port is taken', async () => {
    await expect(startWeatherApi({ port: Number(new URL(api.url).port) })).rejects.toThrow('EADDRINUSE')
  })
})
