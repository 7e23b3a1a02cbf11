import type { CodeTab } from '../../components/code-tabs.ts';

/** The same first call in three languages, for the address this page came from. */
export function firstCallExamples(origin: string): readonly CodeTab[] {
  return [
    { id: 'python', title: 'Python', code: python(origin) },
    { id: 'node', title: 'Node.js', code: node(origin) },
    { id: 'curl', title: 'curl', code: curl(origin) },
  ];
}

const python = (origin: string): string => `from openai import OpenAI

client = OpenAI(base_url="${origin}/v1", api_key="sk-qz-...")
answer = client.chat.completions.create(
    model="claude-sonnet-4-20250514",
    messages=[{"role": "user", "content": "Hello!"}],
)
print(answer.choices[0].message.content)`;

const node = (origin: string): string => `import OpenAI from 'openai';

const client = new OpenAI({ baseURL: '${origin}/v1', apiKey: 'sk-qz-...' });
const answer = await client.chat.completions.create({
  model: 'claude-sonnet-4-20250514',
  messages: [{ role: 'user', content: 'Hello!' }],
});
console.log(answer.choices[0].message.content);`;

const curl = (origin: string): string => `curl ${origin}/v1/chat/completions \\
  -H "Authorization: Bearer sk-qz-..." \\
  -H "Content-Type: application/json" \\
  -d '{
    "model": "claude-sonnet-4-20250514",
    "messages": [{"role": "user", "content": "Hello!"}]
  }'`;
