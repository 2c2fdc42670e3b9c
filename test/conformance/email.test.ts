import { providerHouse } from '#test/support/provider-house.ts'
import { sendGridKey, startSendGrid } from '#test/support/sendgrid-double.ts'
import { emailConformance } from './email.ts'

emailConformance('log', async () => {
  const { house } = await providerHouse({ env: { EMAIL_PROVIDER: 'log' } })
  return {
    capabilities: house.providers.capabilities,
    async delivered() {
      const { items } = await house.engine.records.list('logged_email')
      return items.map(({ to, subject, text, html }) => ({ to, subject, text, html: html ?? undefined }))
    },
  }
})

emailConformance('sendgrid', async () => {
  const double = await startSendGrid()
  const opened = await providerHouse({
    env: { EMAIL_PROVIDER: 'sendgrid', SENDGRID_API_KEY: sendGridKey, SENDGRID_FROM: 'noreply@example.com' },
  })
  await opened.set('email.sendgrid.base_url', double.url)
  await opened.set('email.sendgrid.allow_private', 'true')
  return { capabilities: opened.house.providers.capabilities, delivered: async () => double.delivered() }
})
