// What the public pages can do where scripts run; without it they are complete, but for copying and trying out.
;(() => {
  for (const button of document.querySelectorAll('button.copy')) {
    button.hidden = false
    button.addEventListener('click', async () => {
      const code = button.closest('figure')?.querySelector('code')
      await navigator.clipboard?.writeText(code?.textContent ?? '')
      button.textContent = 'Copied'
      setTimeout(() => {
        button.textContent = 'Copy'
      }, 2000)
    })
  }

  const here = document.querySelector('.side [aria-current]')
  const side = document.querySelector('.side')
  if (here !== null && side !== null) side.scrollLeft = here.offsetLeft - 16

  const input = document.querySelector('.search input')
  const main = document.querySelector('main')
  if (input !== null && main !== null) {
    const before = [...main.childNodes]
    let latest = 0
    const search = async () => {
      latest += 1
      const mine = latest
      if (input.value.trim() === '') return main.replaceChildren(...before)
      const answer = await fetch(`/docs/search?q=${encodeURIComponent(input.value)}`).catch(() => undefined)
      if (answer === undefined || !answer.ok || mine !== latest) return
      const found = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('main')
      if (found !== null && mine === latest) main.replaceChildren(...found.childNodes)
    }
    let waiting
    input.addEventListener('input', () => {
      clearTimeout(waiting)
      waiting = setTimeout(search, 150)
    })
    document.addEventListener('keydown', (event) => {
      const isTyping = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target?.tagName ?? '')
      if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      input.focus()
    })
  }

  for (const form of document.querySelectorAll('form.try')) {
    form.hidden = false
    const key = form.elements.namedItem('api-key')
    if (key !== null) key.value = sessionStorage.getItem('try-key') ?? ''
    form.addEventListener('submit', async (event) => {
      event.preventDefault()
      const shown = form.querySelector('output')
      const path = form.dataset.path.replace(/\{(\w+)\}/g, (_, name) => {
        const value = form.elements.namedItem(`path-${name}`).value
        return name === 'rest' ? encodeURI(value) : encodeURIComponent(value)
      })
      const query = form.elements.namedItem('query').value.replace(/^\?/, '')
      const body = form.elements.namedItem('body')?.value ?? ''
      const headers = body === '' ? {} : { 'content-type': 'application/json' }
      if (key !== null && key.value !== '') {
        sessionStorage.setItem('try-key', key.value)
        headers.authorization = `Bearer ${key.value}`
      }
      shown.textContent = '…'
      try {
        const answer = await fetch(path + (query === '' ? '' : `?${query}`), {
          method: form.dataset.method,
          headers,
          credentials: 'omit',
          ...(body === '' ? {} : { body }),
        })
        const text = await answer.text()
        shown.textContent = `${answer.status} ${answer.statusText}\n\n${text.slice(0, 20000)}`
      } catch (error) {
        shown.textContent = String(error)
      }
    })
  }
})()
