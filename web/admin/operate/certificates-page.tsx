import { useQuery } from '@tanstack/react-query'
import { read } from '@/data/api.ts'
import { text } from '@/text/operate.ts'
import { DataTable } from '@/ui/data-table.tsx'
import { Problem } from '@/ui/problem.tsx'
import { Time } from '@/ui/show.tsx'
import { Badge, Empty, PageHeader } from '@/ui/surface.tsx'

interface Certificate {
  readonly source: string
  readonly names: readonly string[]
  readonly issuer: string
  readonly valid_to: string
}

const soonMs = 21 * 86_400_000

/** The certificates that are served, and until when; where there are none, how to have some. */
export function CertificatesPage() {
  const { data, error, refetch } = useQuery({
    queryKey: ['certificates'],
    queryFn: ({ signal }) => read<readonly Certificate[]>('/admin/certificates', signal),
    refetchInterval: 30_000,
  })
  return (
    <>
      <PageHeader title={text.certificates} description={text.certificatesLead} />
      {error !== null ? (
        <Problem error={error} onRetry={() => void refetch()} />
      ) : data?.length === 0 ? (
        <Empty title={text.noCertificates}>{text.noCertificatesHelp}</Empty>
      ) : (
        <DataTable
          label={text.certificates}
          stacks
          rows={data}
          rowKey={({ source }) => source}
          columns={[
            { key: 'names', heading: text.names, cell: ({ names }) => names.join(', ') || '—' },
            { key: 'status', heading: text.status, cell: ({ valid_to }) => <Standing until={valid_to} /> },
            { key: 'to', heading: text.validTo, cell: ({ valid_to }) => <Time at={valid_to} isExact /> },
            { key: 'issuer', heading: text.issuer, cell: ({ issuer }) => issuer },
            {
              key: 'source',
              heading: text.source,
              cell: ({ source }) => <code className="text-[13px]">{source}</code>,
            },
          ]}
        />
      )}
    </>
  )
}

function Standing({ until }: { until: string }) {
  const leftMs = Date.parse(until) - Date.now()
  if (leftMs <= 0) return <Badge tone="bad">{text.expired}</Badge>
  return leftMs < soonMs ? (
    <Badge tone="warning">{text.expiresSoon}</Badge>
  ) : (
    <Badge tone="good">{text.valid}</Badge>
  )
}
