# What Hugging Face's own library does when it changes a model on a site. Told to standard output as JSON; the test judges it.
import json
import os
import sys

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
from huggingface_hub.utils import disable_progress_bars

disable_progress_bars()
api = HfApi(token=os.environ["HF_TOKEN"])
model = sys.argv[1]


def refusal(act):
    try:
        act()
        return None
    except Exception as error:
        response = getattr(error, "response", None)
        return [type(error).__name__, response.status_code if response is not None else None, str(error)]


first = api.model_info(model).sha
added = api.create_commit(model, [
    CommitOperationAdd("added.json", b'{"added":true}'),
    CommitOperationDelete("README.md"),
    CommitOperationDelete("onnx/"),
], commit_message="Change", parent_commit=first)
print(json.dumps({
    "moved": [first != added.oid, api.model_info(model).sha == added.oid],
    "url": added.commit_url,
    "files": sorted(api.list_repo_files(model)),
    "late": refusal(lambda: api.create_commit(model, [CommitOperationAdd("late.json", b"{}")], commit_message="Late", parent_commit=first)),
    "nothing": refusal(lambda: api.create_commit(model, [CommitOperationDelete(p) for p in api.list_repo_files(model)], commit_message="Nothing")),
}))
