"""What OpenAI's own client for Python makes of our door. Prints one JSON object of what it saw; the test beside it judges."""

import json
import os
import sys

import openai

client = openai.OpenAI(base_url=sys.argv[1], api_key=os.environ["HOLDFAST_TEST_KEY"], max_retries=0)
base = dict(model="smollm2", temperature=0, max_tokens=12, messages=[{"role": "user", "content": "What colour is the sky?"}])


def failure(**changes):
    try:
        client.chat.completions.create(**{**base, **changes})
    except openai.APIStatusError as error:
        return [type(error).__name__, error.status_code, error.code]
    return ["none", 200, None]


whole = client.chat.completions.with_raw_response.create(**base)
answer = whole.parse()
pieces, usage, finish = [], None, None
for chunk in client.chat.completions.create(**base, stream=True, stream_options={"include_usage": True}):
    usage = chunk.usage or usage
    if chunk.choices:
        pieces.append(chunk.choices[0].delta.content or "")
        finish = chunk.choices[0].finish_reason or finish

schema = {"type": "object", "properties": {"colour": {"enum": ["blue", "green"]}}, "required": ["colour"], "additionalProperties": False}
formed = client.chat.completions.create(**{**base, "max_tokens": 60}, response_format={"type": "json_schema", "json_schema": {"name": "sky", "schema": schema, "strict": True}})
stopped = client.chat.completions.create(**base, stop=["blue"])
broken_off = client.chat.completions.create(**{**base, "max_tokens": 500}, stream=True)
next(iter(broken_off))
broken_off.close()
stranger = openai.OpenAI(base_url=sys.argv[1], api_key="hf_nonsense", max_retries=0)
try:
    stranger.models.list()
    refused = "nothing"
except openai.AuthenticationError as error:
    refused = error.code

print(
    json.dumps(
        {
            "text": answer.choices[0].message.content,
            "receipt": whole.headers.get("x-holdfast-receipt"),
            "usage": answer.usage.model_dump(include={"prompt_tokens", "completion_tokens", "total_tokens"}),
            "streamed": "".join(pieces),
            "streamedUsage": usage.model_dump(include={"prompt_tokens", "completion_tokens", "total_tokens"}),
            "finish": [answer.choices[0].finish_reason, finish],
            "formed": json.loads(formed.choices[0].message.content),
            "stopped": [stopped.choices[0].message.content, stopped.choices[0].finish_reason],
            "models": [model.id for model in client.models.list()],
            "refused": refused,
            "failures": {
                "model": failure(model="gpt-9"),
                "n": failure(n=2),
                "context": failure(max_tokens=100_000),
                "form": failure(temperature=7),
                "tools": failure(tools=[{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}]),
            },
        }
    )
)
