"""Drives one official client by lines of JSON: python matrix_client.py PROTOCOL URL KEY. One answer for each line."""
import json
import sys

TOOL = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False}


class Chat:
    def __init__(self, url, key):
        import openai

        self.client = openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0)

    def settings(self, options):
        given = {"model": options["model"]}
        if options.get("thinks"):
            given["reasoning_effort"] = "medium"
        if "tools" in options:
            given["tools"] = [{"type": "function", "function": {"name": name, "parameters": TOOL}} for name in options["tools"]]
        if "schema" in options:
            named = {"name": "place", "schema": options["schema"], "strict": True}
            given["response_format"] = {"type": "json_schema", "json_schema": named}
        return given

    def say(self, turn):
        if "results" in turn:
            return [{"role": "tool", "tool_call_id": r["call"]["id"], "content": r["text"]} for r in turn["results"]]
        if "image" not in turn:
            return [{"role": "user", "content": turn["text"]}]
        picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + turn["image"]}}
        return [{"role": "user", "content": [picture, {"type": "text", "text": turn["text"]}]}]

    def ask(self, settings, history, streamed):
        if streamed:
            message, usage = {}, None
            chunks = self.client.chat.completions.create(
                **settings, messages=history, stream=True, stream_options={"include_usage": True}
            )
            for chunk in chunks:
                usage = chunk.usage or usage
                for choice in chunk.choices:
                    message = merge(message, choice.delta.model_dump(exclude_none=True))
        else:
            whole = self.client.chat.completions.create(**settings, messages=history)
            message, usage = whole.choices[0].message.model_dump(exclude_none=True), whole.usage
        details = usage.completion_tokens_details if usage else None
        calls = [
            {"id": c["id"], "name": c["function"]["name"], "input": json.loads(c["function"]["arguments"])}
            for c in message.get("tool_calls", [])
        ]
        seen = answer(message.get("content"), message.get("reasoning_content"), calls, usage and usage.completion_tokens)
        return [message], {**seen, "reasoningTokens": (details and details.reasoning_tokens) or 0}

    def abort(self, model, prompt):
        messages = [{"role": "user", "content": prompt}]
        with self.client.chat.completions.create(model=model, messages=messages, stream=True) as stream:
            for chunk in stream:
                if chunk.choices and chunk.choices[0].delta.content:
                    break


class Responses:
    def __init__(self, url, key):
        import openai

        self.client = openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0)

    def settings(self, options):
        given = {"model": options["model"], "store": False, "include": ["reasoning.encrypted_content"]}
        if options.get("thinks"):
            given["reasoning"] = {"effort": "medium", "summary": "auto"}
        if "tools" in options:
            given["tools"] = [{"type": "function", "name": n, "parameters": TOOL, "strict": True} for n in options["tools"]]
        if "schema" in options:
            form = {"type": "json_schema", "name": "place", "schema": options["schema"], "strict": True}
            given["text"] = {"format": form}
        return given

    def say(self, turn):
        if "results" in turn:
            return [
                {"type": "function_call_output", "call_id": r["call"]["id"], "output": r["text"]} for r in turn["results"]
            ]
        if "image" not in turn:
            return [{"role": "user", "content": turn["text"]}]
        picture = {"type": "input_image", "image_url": "data:image/png;base64," + turn["image"], "detail": "auto"}
        return [{"role": "user", "content": [picture, {"type": "input_text", "text": turn["text"]}]}]

    def ask(self, settings, history, streamed):
        if streamed:
            with self.client.responses.stream(**settings, input=history) as stream:
                stream.until_done()
                response = stream.get_final_response()
        else:
            response = self.client.responses.create(**settings, input=history)
        output = [item.model_dump(exclude_none=True, exclude={"parsed_arguments"}) for item in response.output]
        for item in output:
            for part in item.get("content") or []:
                part.pop("parsed", None)
        thoughts = [p["text"] for i in output if i["type"] == "reasoning" for p in i["summary"] + (i.get("content") or [])]
        calls = [
            {"id": i["call_id"], "name": i["name"], "input": json.loads(i["arguments"])}
            for i in output
            if i["type"] == "function_call"
        ]
        seen = answer(response.output_text, "".join(thoughts), calls, response.usage.output_tokens)
        return output, {**seen, "reasoningTokens": response.usage.output_tokens_details.reasoning_tokens}

    def abort(self, model, prompt):
        with self.client.responses.create(model=model, input=prompt, stream=True) as stream:
            for event in stream:
                if event.type == "response.output_text.delta":
                    break


class Messages:
    def __init__(self, url, key):
        import anthropic

        self.client = anthropic.Anthropic(base_url=url, api_key=key, max_retries=0)

    def settings(self, options):
        given = {"model": options["model"], "max_tokens": 4000}
        if options.get("thinks"):
            given["thinking"] = {"type": "enabled", "budget_tokens": 2000}
        if "tools" in options:
            given["tools"] = [{"name": name, "input_schema": TOOL} for name in options["tools"]]
        if "schema" in options:
            given["output_config"] = {"format": {"type": "json_schema", "schema": options["schema"]}}
        return given

    def say(self, turn):
        if "results" in turn:
            content = [
                {"type": "tool_result", "tool_use_id": r["call"]["id"], "content": r["text"]} for r in turn["results"]
            ]
            return [{"role": "user", "content": content}]
        content = [{"type": "text", "text": turn["text"]}]
        if "image" in turn:
            source = {"type": "base64", "media_type": "image/png", "data": turn["image"]}
            content.insert(0, {"type": "image", "source": source})
        return [{"role": "user", "content": content}]

    def ask(self, settings, history, streamed):
        if streamed:
            with self.client.messages.stream(**settings, messages=history) as stream:
                message = stream.get_final_message()
        else:
            message = self.client.messages.create(**settings, messages=history)
        text = "".join(block.text for block in message.content if block.type == "text")
        thought = "".join(block.thinking for block in message.content if block.type == "thinking")
        calls = [{"id": b.id, "name": b.name, "input": b.input} for b in message.content if b.type == "tool_use"]
        seen = answer(text, thought, calls, message.usage.output_tokens)
        details = getattr(message.usage, "output_tokens_details", None)
        return [{"role": "assistant", "content": message.content}], {
            **seen,
            "reasoningTokens": (details and details.thinking_tokens) or 0,
        }

    def abort(self, model, prompt):
        messages = [{"role": "user", "content": prompt}]
        with self.client.messages.create(model=model, max_tokens=500, messages=messages, stream=True) as stream:
            for event in stream:
                if event.type == "content_block_delta":
                    break


class Gemini:
    def __init__(self, url, key):
        from google import genai

        self.client = genai.Client(api_key=key, http_options={"base_url": url})

    def settings(self, options):
        config = {}
        if options.get("thinks"):
            config["thinking_config"] = {"include_thoughts": True, "thinking_budget": 2000}
        if "tools" in options:
            declared = [{"name": name, "parameters_json_schema": TOOL} for name in options["tools"]]
            config["tools"] = [{"function_declarations": declared}]
        if "schema" in options:
            config.update(response_mime_type="application/json", response_json_schema=options["schema"])
        return {"model": options["model"], "config": config}

    def say(self, turn):
        if "results" in turn:
            parts = [
                {"function_response": {"id": r["call"]["id"], "name": r["call"]["name"], "response": {"output": r["text"]}}}
                for r in turn["results"]
            ]
            return [{"role": "user", "parts": parts}]
        parts = [{"text": turn["text"]}]
        if "image" in turn:
            parts.insert(0, {"inline_data": {"mime_type": "image/png", "data": turn["image"]}})
        return [{"role": "user", "parts": parts}]

    def ask(self, settings, history, streamed):
        models = self.client.models
        if streamed:
            responses = list(models.generate_content_stream(**settings, contents=history))
        else:
            responses = [models.generate_content(**settings, contents=history)]
        parts = [
            part
            for response in responses
            for candidate in response.candidates or []
            for part in (candidate.content and candidate.content.parts) or []
        ]
        text = "".join(part.text for part in parts if part.text and not part.thought)
        thought = "".join(part.text for part in parts if part.text and part.thought)
        called = [part.function_call for part in parts if part.function_call]
        calls = [{"id": c.id or str(i), "name": c.name, "input": c.args} for i, c in enumerate(called)]
        usage = responses[-1].usage_metadata
        from google.genai import types

        history = [types.Content(role="model", parts=parts)]
        return history, {
            **answer(text, thought, calls, usage.candidates_token_count),
            "reasoningTokens": usage.thoughts_token_count or 0,
        }

    def abort(self, model, prompt):
        stream = self.client.models.generate_content_stream(model=model, contents=prompt)
        for chunk in stream:
            if chunk.text:
                break
        stream.close()


def answer(text, reasoning, calls, tokens):
    return {"text": text or "", "reasoning": reasoning or "", "calls": calls, "outputTokens": tokens or 0}


def merge(before, delta):
    """Puts the pieces of a streamed message together: texts grow, lists go by index, the rest is kept."""
    merged = dict(before)
    for name, value in delta.items():
        known = merged.get(name)
        if isinstance(known, str) and isinstance(value, str):
            merged[name] = (known or value) if name in ("role", "id", "type", "name") else known + value
        elif isinstance(value, list):
            merged[name] = list(known or [])
            for piece in value:
                piece = dict(piece)
                at = piece.pop("index", len(merged[name]))
                while len(merged[name]) <= at:
                    merged[name].append({})
                merged[name][at] = merge(merged[name][at], piece)
        elif isinstance(known, dict) and isinstance(value, dict):
            merged[name] = merge(known, value)
        else:
            merged[name] = value
    return merged


def status_of(error):
    return getattr(error, "status_code", None) or getattr(error, "code", None)


def main():
    protocol, url, key = sys.argv[1:4]
    kinds = {"openai-chat": Chat, "openai-responses": Responses, "anthropic-messages": Messages, "gemini": Gemini}
    client = kinds[protocol](url, key)
    talks = {}
    for line in sys.stdin:
        order = json.loads(line)
        try:
            done = {}
            if order["op"] == "open":
                talks[order["talk"]] = (client.settings(order["options"]), [])
            elif order["op"] == "ask":
                settings, history = talks[order["talk"]]
                history.extend(client.say(order["turn"]))
                said, done = client.ask(settings, history, order["turn"].get("isStreamed", False))
                history.extend(said)
            else:
                client.abort(order["model"], order["prompt"])
            print(json.dumps({"done": done}), flush=True)
        except Exception as error:
            status = status_of(error)
            told = {"message": f"{type(error).__name__}: {error}"[:500], "status": status if isinstance(status, int) else None}
            print(json.dumps({"error": told}), flush=True)


main()
