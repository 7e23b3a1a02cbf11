"""Drives the unmodified openai client: python openai_client.py BASE_URL KEY. Prints one JSON object."""
import json
import os
import sys

import openai
from openai import OpenAI

base_url, key = sys.argv[1], sys.argv[2]
client = OpenAI(base_url=base_url, api_key=key, max_retries=0)
model = "gpt-4.1-mini"
out = {}

answer = client.chat.completions.create(
    model="claude-sonnet-4-20250514", messages=[{"role": "user", "content": "Hello!"}]
)
out["readme_text"] = answer.choices[0].message.content
out["readme_usage"] = answer.usage.total_tokens

os.environ["OPENAI_BASE_URL"] = base_url
os.environ["OPENAI_API_KEY"] = key
from_environment = OpenAI(max_retries=0)
answer = from_environment.chat.completions.create(model=model, messages=[{"role": "user", "content": "Hello!"}])
out["environment_text"] = answer.choices[0].message.content

# Tools that still read the older name of the variable hand it to the client themselves.
os.environ["OPENAI_API_BASE"] = os.environ.pop("OPENAI_BASE_URL")
legacy = OpenAI(base_url=os.environ["OPENAI_API_BASE"], max_retries=0)
legacy.chat.completions.create(model=model, messages=[{"role": "user", "content": "Hello!"}])
out["legacy_environment"] = "ok"

chunks = list(
    client.chat.completions.create(
        model=model,
        messages=[{"role": "user", "content": "[[say:one two three four]]"}],
        stream=True,
        stream_options={"include_usage": True},
    )
)
out["stream_text"] = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
out["stream_chunks"] = len(chunks)
out["stream_usage"] = chunks[-1].usage.completion_tokens

tools = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "Weather of a city",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        },
    }
]
messages = [{"role": "user", "content": '[[tool:get_weather {"city":"Paris"}]]'}]
answer = client.chat.completions.create(model=model, messages=messages, tools=tools)
call = answer.choices[0].message.tool_calls[0]
out["tool_name"] = call.function.name
out["tool_arguments"] = json.loads(call.function.arguments)
messages.append(answer.choices[0].message.model_dump(exclude_none=True))
messages.append({"role": "tool", "tool_call_id": call.id, "content": "sunny"})
out["tool_answer"] = client.chat.completions.create(model=model, messages=messages, tools=tools).choices[0].message.content

pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
answer = client.chat.completions.create(
    model=model,
    messages=[
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64," + pixel}},
            ],
        }
    ],
)
out["image_text"] = answer.choices[0].message.content

response = client.responses.create(model=model, input="[[say:hello from responses]]")
out["responses_text"] = response.output_text
events = [event.type for event in client.responses.create(model=model, input="Hello!", stream=True)]
out["responses_last_event"] = events[-1]

embedding = client.embeddings.create(model="text-embedding-3-small", input="hello")
out["embedding_length"] = len(embedding.data[0].embedding)
out["models"] = [m.id for m in client.models.list().data][:500]

stream = client.chat.completions.create(
    model=model, messages=[{"role": "user", "content": "[[tokens:2000]] Tell me a long story."}], stream=True
)
next(iter(stream))
stream.close()
out["aborted"] = True

try:
    client.chat.completions.create(model="no-such-model", messages=[{"role": "user", "content": "Hello!"}])
except openai.NotFoundError as error:
    out["missing_model"] = {"status": error.status_code, "code": error.code, "request_id": error.request_id}
try:
    OpenAI(base_url=base_url, api_key="sk-qz-wrong", max_retries=0).models.list()
except openai.AuthenticationError as error:
    out["wrong_key"] = error.status_code
try:
    client.chat.completions.create(model=model, messages=[{"role": "nobody", "content": "Hello!"}])
except openai.BadRequestError as error:
    out["bad_role"] = error.status_code
print(json.dumps(out))
