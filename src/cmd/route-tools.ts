import type { RouteTools } from '#bootstrap/route-tools.ts'
import type { CommandContext, InstanceFlags } from './context.ts'
import { openInstance } from './instance.ts'

/** Works with the route tools of the instance that the flags name, and closes it afterwards. */
export async function withRouteTools<T>(
  context: CommandContext,
  flags: InstanceFlags,
  work: (tools: RouteTools) => Promise<T>,
): Promise<T> {
  const house = await openInstance(context, flags)
  try {
    const { createRouteTools } = await import('#bootstrap/route-tools.ts')
    return await work(createRouteTools(house))
  } finally {
    await house.close()
  }
}
