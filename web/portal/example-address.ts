import { useQuery } from '@tanstack/react-query'
import { readReport } from '@/data/api.ts'

/** What is read of the OpenAPI document of the published routes. */
interface Routes {
  readonly servers?: readonly { readonly url: string }[]
  readonly paths?: Readonly<Record<string, Path>>
}
interface Path {
  readonly servers?: unknown
  readonly get?: { readonly security?: readonly unknown[] }
}

/** An address of the API that a plain GET with a key reaches; where none is published, where the API answers. */
export function useExampleAddress(): string | undefined {
  const { data, isError } = useQuery({
    queryKey: ['example-address'],
    queryFn: ({ signal }) => readReport<Routes>('/docs/openapi.json', signal).then(exampleAddress),
    staleTime: 300_000,
  })
  return isError ? `${location.origin}/` : data
}

function exampleAddress({ servers, paths = {} }: Routes): string {
  const own = Object.entries(paths).filter(([, path]) => path.get !== undefined && path.servers === undefined)
  const needsKey = own.filter(([, path]) => (path.get?.security ?? []).length > 0)
  const isPlain = ([path]: readonly [string, unknown]): boolean => !path.includes('{')
  const isPrefix = ([path]: readonly [string, unknown]): boolean => /^[^{]*\{rest\}$/.test(path)
  const best = needsKey.find(isPlain) ?? needsKey.find(isPrefix) ?? own.find(isPlain) ?? own.find(isPrefix)
  const origin = (servers?.[0]?.url ?? location.origin).replace(/\/+$/, '')
  return `${origin}${(best?.[0] ?? '/').replace('{rest}', '')}`
}
