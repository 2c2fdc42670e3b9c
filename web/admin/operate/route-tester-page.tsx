import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { call } from '@/data/api.ts'
import { text } from '@/text/operate.ts'
import { Button } from '@/ui/button.tsx'
import { Field, Input, Select, TextArea } from '@/ui/field.tsx'
import { useServerForm } from '@/ui/form.ts'
import { Problem } from '@/ui/problem.tsx'
import { Card, Empty, PageHeader } from '@/ui/surface.tsx'
import { type RouteTest, RouteTestResult } from './route-test-result.tsx'

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']

/** Thinks a request through: what matches, what it becomes, what it costs. The address keeps what was asked, but never the key. */
export function RouteTesterPage() {
  const search = useSearch({ from: '/frame/ui/route-tester' })
  const navigate = useNavigate()
  const [result, setResult] = useState<RouteTest>()
  const start = { method: search.method ?? 'GET', url: search.url ?? '', key: '', body: '' }
  const { form, submit, isBusy, failure, errorOf } = useServerForm(start, async (values) => {
    setResult(undefined)
    const { method, url, key, body } = values
    const asked = { method, url, ...(key === '' ? {} : { key }), ...(body === '' ? {} : { body }) }
    setResult(await call<RouteTest>('POST', '/api/routes/test', asked))
    await navigate({ to: '/ui/route-tester', search: { method, url }, replace: true })
  })
  return (
    <>
      <PageHeader title={text.tester} description={text.testerLead} />
      <div className="grid grid-cols-1 items-start gap-5 lg:grid-cols-[22rem_1fr]">
        <Card>
          <form className="grid gap-4" onSubmit={submit} noValidate>
            <Field label={text.method} error={errorOf('method')}>
              {(control) => (
                <Select {...control} {...form.register('method')}>
                  {methods.map((method) => (
                    <option key={method}>{method}</option>
                  ))}
                </Select>
              )}
            </Field>
            <Field label={text.url} hint={text.urlHint} error={errorOf('url')}>
              {(control) => (
                <Input {...control} {...form.register('url')} autoComplete="off" spellCheck={false} />
              )}
            </Field>
            <Field label={text.key} hint={text.keyHint} error={errorOf('key')} isOptional>
              {(control) => (
                <Input {...control} {...form.register('key')} type="password" autoComplete="off" />
              )}
            </Field>
            <Field label={text.body} error={errorOf('body')} isOptional>
              {(control) => <TextArea {...control} {...form.register('body')} spellCheck={false} />}
            </Field>
            {failure !== undefined && <Problem error={failure} />}
            <Button look="primary" type="submit" isBusy={isBusy}>
              {text.think}
            </Button>
          </form>
        </Card>
        {result === undefined ? (
          <Empty title={text.notTested}>{text.notTestedHelp}</Empty>
        ) : (
          <RouteTestResult result={result} />
        )}
      </div>
    </>
  )
}
