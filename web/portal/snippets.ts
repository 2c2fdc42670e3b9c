/** A call of the API in one language, ready to run. */
export interface Snippet {
  readonly language: string
  readonly code: string
}

/** The same call in the languages that most people use. */
export const snippetsFor = (address: string, key: string): readonly Snippet[] => [
  { language: 'curl', code: `curl -H "Authorization: Bearer ${key}" "${address}"` },
  {
    language: 'JavaScript',
    code: `const answer = await fetch("${address}", {
  headers: { Authorization: "Bearer ${key}" },
});
console.log(answer.status, await answer.text());`,
  },
  {
    language: 'Python',
    code: `from urllib.request import Request, urlopen

request = Request("${address}", headers={"Authorization": "Bearer ${key}"})
with urlopen(request, timeout=10) as answer:
    print(answer.status, answer.read().decode())`,
  },
  {
    language: 'Go',
    code: `package main

import (
	"fmt"
	"io"
	"net/http"
)

func main() {
	request, _ := http.NewRequest("GET", "${address}", nil)
	request.Header.Set("Authorization", "Bearer ${key}")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		panic(err)
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	fmt.Println(answer.Status, string(body))
}`,
  },
]
