/** The TXT records of a name in the DNS, each as one text; empty where there are none. A DNS that does not answer is a Fault. */
export type ReadTxt = (name: string) => Promise<readonly string[]>
