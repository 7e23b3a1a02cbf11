"""Drives the unmodified anthropic client: python anthropic_client.py BASE_URL KEY. Prints one JSON object."""
import json
import sys

import anthropic

base_url, key = sys.argv[1], sys.argv[2]
client = anthropic.Anthropic(base_url=base_url, api_key=key, max_retries=0)
model = "claude-sonnet-4-5"
out = {}


def text_of(message):
    return "".join(block.text for block in message.content if block.type == "text")


message = client.messages.create(model=model, max_tokens=200, messages=[{"role": "user", "content": "[[say:good morning]]"}])
out["text"] = text_of(message)
out["usage"] = message.usage.output_tokens

with client.messages.stream(
    model=model, max_tokens=200, messages=[{"role": "user", "content": "[[say:one two three four]]"}]
) as stream:
    out["stream_text"] = "".join(stream.text_stream)
    out["stream_stop"] = stream.get_final_message().stop_reason

tools = [
    {
        "name": "get_weather",
        "description": "Weather of a city",
        "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    }
]
messages = [{"role": "user", "content": '[[tool:get_weather {"city":"Paris"}]]'}]
message = client.messages.create(model=model, max_tokens=200, messages=messages, tools=tools)
call = next(block for block in message.content if block.type == "tool_use")
out["tool_name"], out["tool_input"], out["tool_stop"] = call.name, call.input, message.stop_reason
messages.append({"role": "assistant", "content": message.content})
messages.append({"role": "user", "content": [{"type": "tool_result", "tool_use_id": call.id, "content": "sunny"}]})
out["tool_answer"] = text_of(client.messages.create(model=model, max_tokens=200, messages=messages, tools=tools))

pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
message = client.messages.create(
    model=model,
    max_tokens=200,
    messages=[
        {
            "role": "user",
            "content": [
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": pixel}},
                {"type": "text", "text": "What is this?"},
            ],
        }
    ],
)
out["image_text"] = text_of(message)

message = client.messages.create(
    model="gpt-4.1-mini", max_tokens=200, messages=[{"role": "user", "content": "[[say:bonjour]]"}]
)
out["foreign_text"] = text_of(message)
out["count"] = client.messages.count_tokens(model=model, messages=[{"role": "user", "content": "Hello!"}]).input_tokens
out["models"] = [m.id for m in client.models.list(limit=1000).data]

with client.messages.stream(
    model=model, max_tokens=4000, messages=[{"role": "user", "content": "[[tokens:2000]] Tell me a long story."}]
) as stream:
    next(iter(stream))
out["aborted"] = True

try:
    client.messages.create(model="no-such-model", max_tokens=10, messages=[{"role": "user", "content": "Hello!"}])
except anthropic.NotFoundError as error:
    out["missing_model"] = {"status": error.status_code, "type": error.body["error"]["type"], "request_id": error.request_id}
try:
    anthropic.Anthropic(base_url=base_url, api_key="sk-qz-wrong", max_retries=0).messages.create(
        model=model, max_tokens=10, messages=[{"role": "user", "content": "Hello!"}]
    )
except anthropic.AuthenticationError as error:
    out["wrong_key"] = error.status_code
try:
    client.messages.create(model=model, max_tokens=10, messages=[{"role": "user", "content": [{"type": "text", "text": ""}]}])
except anthropic.BadRequestError as error:
    out["empty_text"] = error.status_code
print(json.dumps(out))
