"""`python -m tests.support.model_worker MD5`: a worker whose default model is the file with that checksum."""

import sys

from services import bootstrap
from services.insights.logs import configure_logs
from services.studio.ondevice.model_files import DEFAULT_MODEL, MODELS, Model

if __name__ == "__main__":
    MODELS[DEFAULT_MODEL] = Model(f"{DEFAULT_MODEL}.onnx", sys.argv[1])
    configure_logs(bootstrap.start())
    bootstrap.worker().run()
