import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { text } from '@/text/operate.ts'
import { count } from '@/ui/show.tsx'
import { Badge, Banner, Card } from '@/ui/surface.tsx'
import { unitMoney } from '@/ui/unit-money.ts'

/** What the server says would become of a request. */
export interface RouteTest {
  readonly refusal: { readonly type: string; readonly message: string } | null
  readonly route: {
    readonly id: string
    readonly name: string
    readonly match_type: string
    readonly path_pattern: string
    readonly public: boolean
  } | null
  readonly captures: Readonly<Record<string, string>>
  readonly upstream: {
    readonly name: string
    readonly method: string
    readonly urls: readonly string[]
    readonly headers: Readonly<Record<'added' | 'replaced' | 'removed', readonly string[]>>
    readonly body: string | null
  } | null
  readonly caller: { readonly organization_id: string; readonly plan: { readonly name: string } } | null
  readonly cost: {
    readonly units: number | null
    readonly most_units: number | null
    readonly included_units: number | null
    readonly beyond: string | null
    readonly unit_price: string | null
    readonly currency: string | null
  } | null
  readonly runners_up: readonly {
    readonly id: string
    readonly name: string
    readonly path_pattern: string
    readonly reasons: readonly string[]
  }[]
}

/** The answer of the route tester, in the order in which a request goes through the gateway. */
export function RouteTestResult({ result }: { result: RouteTest }) {
  const { refusal, route, captures, upstream, caller, cost, runners_up: near } = result
  return (
    <div className="grid min-w-0 grid-cols-1 gap-5">
      <Banner tone={refusal === null ? 'good' : 'warning'}>
        {refusal === null ? text.served : `${text.refused(refusal.type)}. ${refusal.message}`}
      </Banner>
      <Card title={text.matched}>
        {route === null ? (
          <p className="text-quiet">{text.noRoute}</p>
        ) : (
          <Facts>
            <Fact name={text.matched}>
              <RouteLink id={route.id} name={route.name} />{' '}
              {route.public && <Badge tone="warning">{text.publicRoute}</Badge>}
            </Fact>
            <Fact name={route.match_type}>
              <code className="text-[13px]">{route.path_pattern}</code>
            </Fact>
            {Object.entries(captures).map(([name, value]) => (
              <Fact key={name} name={`${text.captures}: ${name}`}>
                <code className="text-[13px]">{value}</code>
              </Fact>
            ))}
          </Facts>
        )}
      </Card>
      {upstream !== null && (
        <Card title={text.becomes} description={upstream.name}>
          <div className="grid gap-4">
            {upstream.urls.map((url) => (
              <code key={url} className="text-[13px] break-all">
                {upstream.method} {url}
              </code>
            ))}
            <Facts>
              {(['added', 'replaced', 'removed'] as const).map((kind) => (
                <Fact key={kind} name={text[kind]}>
                  {upstream.headers[kind].join(', ') || '—'}
                </Fact>
              ))}
              <Fact name={text.body}>{upstream.body ?? text.unchanged}</Fact>
            </Facts>
          </div>
        </Card>
      )}
      {cost !== null && (
        <Card title={text.costs}>
          <Facts>
            <Fact name={text.units}>
              {cost.units === null ? text.dependsOnAnswer : count(cost.units)}
              {cost.units === null && cost.most_units !== null && `, ${text.upTo(cost.most_units)}`}
            </Fact>
            {caller === null ? (
              <Fact name={text.caller}>{text.nobody}</Fact>
            ) : (
              <>
                <Fact name={text.caller}>
                  <Link
                    to="/ui/m/$plural/$id"
                    params={{ plural: 'organizations', id: caller.organization_id }}
                    className="text-accent hover:underline"
                  >
                    {text.organization}
                  </Link>
                </Fact>
                <Fact name={text.plan}>{caller.plan.name}</Fact>
                <Fact name={text.included}>
                  {cost.included_units === null ? text.unlimited : count(cost.included_units)}
                </Fact>
                {cost.beyond !== null && <Fact name={text.beyond}>{cost.beyond}</Fact>}
                {cost.unit_price !== null && cost.currency !== null && (
                  <Fact name={text.unitPrice}>{unitMoney(cost.unit_price, cost.currency)}</Fact>
                )}
              </>
            )}
          </Facts>
        </Card>
      )}
      {near.length > 0 && (
        <Card title={text.others}>
          <ul className="grid gap-3">
            {near.map(({ id, name, path_pattern, reasons }) => (
              <li key={id}>
                <RouteLink id={id} name={name} /> <code className="text-[13px]">{path_pattern}</code>
                <p className="text-[13px] text-quiet">{reasons.join('; ')}</p>
              </li>
            ))}
          </ul>
        </Card>
      )}
    </div>
  )
}

const RouteLink = ({ id, name }: { id: string; name: string }) => (
  <Link
    to="/ui/m/$plural/$id"
    params={{ plural: 'routes', id }}
    className="font-medium text-accent hover:underline"
  >
    {name}
  </Link>
)

const Facts = ({ children }: { children: ReactNode }) => (
  <dl className="grid gap-x-6 gap-y-3 sm:grid-cols-2">{children}</dl>
)

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <div className="min-w-0">
    <dt className="text-[13px] text-quiet">{name}</dt>
    <dd className="mt-0.5 break-words">{children}</dd>
  </div>
)
