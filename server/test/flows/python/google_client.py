"""Drives the unmodified google-genai client: python google_client.py BASE_URL KEY. Prints one JSON object."""
import json
import sys

from google import genai
from google.genai import errors, types

base_url, key = sys.argv[1], sys.argv[2]
client = genai.Client(api_key=key, http_options=types.HttpOptions(base_url=base_url))
model = "gemini-2.5-flash"
out = {}

answer = client.models.generate_content(model=model, contents="[[say:good morning]]")
out["text"] = answer.text
out["usage"] = answer.usage_metadata.total_token_count
chunks = list(client.models.generate_content_stream(model=model, contents="[[say:one two three four]]"))
out["stream_text"] = "".join(chunk.text or "" for chunk in chunks)

weather = types.Tool(
    function_declarations=[
        types.FunctionDeclaration(
            name="get_weather",
            description="Weather of a city",
            parameters_json_schema={"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        )
    ]
)
contents = [types.Content(role="user", parts=[types.Part(text='[[tool:get_weather {"city":"Paris"}]]')])]
config = types.GenerateContentConfig(tools=[weather])
answer = client.models.generate_content(model=model, contents=contents, config=config)
call = answer.function_calls[0]
out["tool_name"], out["tool_args"] = call.name, call.args
contents.append(answer.candidates[0].content)
contents.append(
    types.Content(role="user", parts=[types.Part.from_function_response(name=call.name, response={"output": "sunny"})])
)
out["tool_answer"] = client.models.generate_content(model=model, contents=contents, config=config).text

pixel = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6364f8cf500f0003860180"
    "5a347d6b0000000049454e44ae426082"
)
answer = client.models.generate_content(
    model=model, contents=[types.Part.from_bytes(data=pixel, mime_type="image/png"), "What is this?"]
)
out["image_text"] = answer.text
out["count"] = client.models.count_tokens(model=model, contents="Hello!").total_tokens
out["embedding_length"] = len(client.models.embed_content(model="gemini-embedding-001", contents="hello").embeddings[0].values)
out["models"] = [m.name for m in client.models.list()]

stream = client.models.generate_content_stream(model=model, contents="[[tokens:2000]] Tell me a long story.")
next(stream)
stream.close()
out["aborted"] = True

try:
    client.models.generate_content(model="no-such-model", contents="Hello!")
except errors.ClientError as error:
    out["missing_model"] = {"code": error.code, "status": error.status}
stranger = genai.Client(api_key="sk-qz-wrong", http_options=types.HttpOptions(base_url=base_url))
try:
    stranger.models.generate_content(model=model, contents="Hello!")
except errors.ClientError as error:
    out["wrong_key"] = {"code": error.code, "status": error.status}
print(json.dumps(out))
