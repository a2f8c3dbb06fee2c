#!/bin/sh
# Makes packed/: a token store with documents of 1 to 30 tokens, sample stores of the stored
# teacher cut in every way, and the figures of the stored student by torch_evaluate.py.
#
#   REFLUX=.build/release/reflux PYTHON=python3 sh make_packed.sh
#
# Needs torch 2.13.0, transformers 4.57.6, safetensors and numpy 2.4.6. A capture with another
# instruction set may draw another id here or there: the figures belong to the stores beside them.
set -e
cd "$(dirname "$0")"
REFLUX=$(realpath "${REFLUX:-../../../.build/release/reflux}")
${PYTHON:-python3} - <<'EOF'
import numpy, safetensors.numpy
ids = safetensors.numpy.load_file("data.safetensors")["tokens"][:331].astype(numpy.uint16)
ids[ids == 0] = 1
ends = numpy.cumsum(numpy.arange(331) % 30 + 1) - 1
ids[ends[ends < 331]] = 0
numpy.save("packed/ids.npy", ids)
EOF
"$REFLUX" import npy packed/ids.npy --output packed/tokens.rfx --vocabulary 67 --end-of-text 0 --quiet
for packing in windows documents best-fit; do
  "$REFLUX" cache --teacher teacher --tokens packed/tokens.rfx --output packed/$packing.rfx \
    --context 12 --rounds 20 --packing $packing --precision float32 --quiet
  ${PYTHON:-python3} ../../Peers/torch_evaluate.py --model grouped --teacher teacher \
    --tokens packed/tokens.rfx --samples packed/$packing.rfx --json packed/$packing.json
done
rm packed/ids.npy
