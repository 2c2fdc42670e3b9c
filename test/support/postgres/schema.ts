import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import pg from 'pg'
import { inject } from 'vitest'

async function serverUrl(): Promise<string> {
  const socket = connect(inject('postgresDoor'), '127.0.0.1')
  let answer = ''
  for await (const part of socket.setEncoding('utf8')) answer += part
  if (!answer.startsWith('postgres://')) throw new Error(answer)
  return answer
}

/** A client that may do everything on the server of this run. */
export async function adminClient(): Promise<pg.Client> {
  const client = new pg.Client(await serverUrl())
  await client.connect()
  return client
}

const owner = 'operator'

/** An empty schema on the server of this run, as good as a database of its own; `remove` when it is no longer used. */
export async function emptySchema(): Promise<{ readonly url: string; remove(): Promise<void> }> {
  const name = `test_${randomBytes(8).toString('hex')}`
  const admin = await adminClient()
  // As an operator would: a user that owns its schema and nothing else, whom the database does not let through its own walls.
  await admin.query(
    `do $$ begin create role ${owner} login; exception when duplicate_object or unique_violation then null; end $$`,
  )
  await admin.query(`create schema ${name} authorization ${owner}`)
  await admin.end()
  const url = `${(await serverUrl()).replace('//apigate@', `//${owner}@`)}?options=${encodeURIComponent(`-c search_path=${name}`)}&sslmode=disable`
  return {
    url,
    async remove() {
      const client = await adminClient()
      await client.query('set client_min_messages to warning')
      await client.query(`drop schema ${name} cascade`)
      await client.end()
    },
  }
}
