# What Hugging Face's own library sees of a site. Told to standard output as JSON; the test judges it.
import json
import os
import sys

from huggingface_hub import HfApi, hf_hub_download, snapshot_download
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.utils import disable_progress_bars

disable_progress_bars()
task, *args = sys.argv[1:]
api = HfApi(token=os.environ.get("HF_TOKEN") or False)


def refusal(act):
    try:
        act()
        return None
    except Exception as error:
        response = getattr(error, "response", None)
        return [type(error).__name__, response.status_code if response is not None else None, str(error)]


def look(model):
    info = api.model_info(model, files_metadata=True)
    refs = api.list_repo_refs(model)
    return {
        "sha": info.sha,
        "siblings": [[s.rfilename, s.size, s.lfs.sha256 if s.lfs else None] for s in info.siblings],
        "files": api.list_repo_files(model),
        "top": sorted([type(e).__name__, e.path] for e in api.list_repo_tree(model)),
        "inside": sorted([type(e).__name__, e.path] for e in api.list_repo_tree(model, "onnx")),
        "paths": [[type(e).__name__, e.path] for e in api.get_paths_info(model, ["config.json", "onnx", "absent"])],
        "branches": [b.name for b in refs.branches],
        "tags": [t.name for t in refs.tags],
        "commits": len(api.list_repo_commits(model)),
        "exists": [api.repo_exists(model), api.file_exists(model, "config.json"), api.revision_exists(model, "v1"),
                   api.repo_exists("team/absent"), api.file_exists(model, "absent"), api.revision_exists(model, "absent")],
        "who": api.whoami()["name"],
        "listed": [m.id for m in api.list_models()],
        "found": [m.id for m in api.list_models(search="other")],
        "by": [m.id for m in api.list_models(author="team", limit=1)],
        "datasets": [d.id for d in api.list_datasets()],
        "access": refusal(lambda: api.auth_check(model)),
    }


def refused(model):
    return {
        "info": refusal(lambda: api.model_info(model)),
        "file": refusal(lambda: hf_hub_download(model, "config.json", token=api.token)),
        "revision": refusal(lambda: hf_hub_download(model, "config.json", revision="absent", token=api.token)),
        "entry": refusal(lambda: hf_hub_download(model, "absent.json", token=api.token)),
        "whole": refusal(lambda: snapshot_download(model, token=api.token)),
    }


if task == "look":
    told = look(*args)
elif task == "refused":
    told = refused(*args)
elif task == "file":
    told = hf_hub_download(args[0], args[1], revision=args[2] if len(args) > 2 else None)
elif task == "whole":
    told = snapshot_download(args[0], revision=args[1] if len(args) > 1 else None)
elif task == "names":
    told = api.list_repo_files(args[0])
elif task == "dataset":
    told = snapshot_download(args[0], repo_type="dataset")
else:
    sys.exit(2)
print(json.dumps(told))
