#!/usr/bin/env bash
# Reproduce every row of the tables in configs/lac/README.md, in order of dependency:
#   bash tools/reproduce_lac.sh [STAGE[/ROW] ...]     (default: all stages)
# Stages: data, generator, pretrain, ablation, classify, segment, few-labels. A finished row is printed again, not trained
# again; an interrupted one resumes. LIST=1 prints the rows of the stages and runs nothing.
# Needs data/penn_action/2d (tools/data/convert.py penn_action). BVH is a folder of motion captures; TSU is a folder with
# the poses of one TSU video and the annotation.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-${VENV:-.venv}/bin/python}
data=${MMACTREP_DATA_ROOT:-data}
bvh=${BVH:-../shared/data/bvh}
tsu=${TSU:-../shared/data/tsu}
root=work_dirs/lac
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-PASSIVE}
mkdir -p checkpoints "$root"

wanted() { # STAGE/ROW
  ((${#selected[@]} == 0)) && return
  for each in "${selected[@]}"; do
    if [[ $1 == "$each" || $1 == "$each"/* ]]; then return; fi
  done
  return 1
}

train() { # FOLDER CONFIG [argument of tools/train.py ...]
  local folder=$1 config=$2
  shift 2
  if [ ! -e "$folder/finished" ]; then
    "$python" tools/train.py "configs/$config.py" --work-dir "$folder" --resume "$@" >/dev/null
    touch "$folder/finished"
  fi
}

pretrain() { # STAGE NAME CONFIG [option of --cfg-options ...]: writes the encoder to checkpoints/NAME.pth
  local row=$1/$2 folder=$root/$1/$2 checkpoint=checkpoints/$2.pth config=$3
  shift 3
  wanted "$row" || return 0
  if [ -n "${LIST:-}" ]; then echo "$row"; return; fi
  train "$folder" "$config" ${1:+--cfg-options "$@"}
  "$python" tools/model_converters/extract_backbone.py "$(cat "$folder/last_checkpoint")" "$checkpoint" >/dev/null
  echo "$row: $(grep -ho 'knn/top1: [0-9.]*' "$folder"/*/*.log | tail -n 1)"
}

evaluate() { # STAGE ROW CONFIG PRETRAINED [option of --cfg-options ...]
  local row=$1/$2 folder=$root/$1/$2 config=$3 checkpoint=$4
  shift 4
  wanted "$row" || return 0
  if [ -n "${LIST:-}" ]; then echo "$row"; return; fi
  if [ "$checkpoint" = scratch ]; then set -- load_from=None "$@"; else set -- "load_from=checkpoints/$checkpoint.pth" "$@"; fi
  train "$folder" "$config" --amp --cfg-options "$@"
  if [ ! -e "$folder/result" ]; then
    "$python" tools/test.py "configs/$config.py" "$(cat "$folder/last_checkpoint")" --work-dir "$folder/test" 2>&1 |
      grep -o 'Epoch(test).*' | tail -n 1 | sed 's/ *data_time.*//' >"$folder/result.new"
    mv "$folder/result.new" "$folder/result"
  fi
  echo "$row: $(sed 's/Epoch(test) *\[[^]]*\] *//' "$folder/result")"
}

selected=("$@")

if wanted data && [ -z "${LIST:-}" ]; then
  captures=()
  if [ -d "$bvh" ]; then captures=(--bvh "$bvh"); fi
  [ -e "$data/motion/synthetic/store.json" ] || "$python" tools/data/make_motion_library.py ${captures[@]+"${captures[@]}"}
  if [ ! -e "$data/synthetic/2d/store.json" ]; then
    "$python" tools/data/make_standin.py --out "$data/synthetic/raw" --train 6750 --test 900
    "$python" tools/data/convert_posetics.py --src "$data/synthetic/raw" --out "$data/synthetic/2d"
  fi
  [ -e "$data/penn_chained/2d/store.json" ] || "$python" tools/data/chain_penn_action.py
  if [ ! -e "$data/untrimmed/2d/store.json" ]; then
    raw=$data/untrimmed/raw
    "$python" tools/data/make_untrimmed.py --out "$raw"
    "$python" tools/data/convert_tsu.py --src "$raw" --annotation "$raw/annotation.json" \
      --classes "$raw/classes.txt" --out "$data/untrimmed/2d"
  fi
  if [ -d "$tsu" ] && [ ! -e "$data/tsu_sample/2d/store.json" ]; then
    "$python" tools/data/convert_tsu.py --src "$tsu" --annotation "$tsu"/*annotation*.json --out "$data/tsu_sample/2d"
  fi
fi

# Table 4.6 with the path loss, and the baselines; two seeds for the size that the thesis uses. Pre-training composes with
# the generator trained only with the losses of the thesis and the release, whose poses are more accurate.
if wanted generator; then
  if [ -n "${LIST:-}" ]; then echo generator; else
    name=lac_generator_synthetic_2d
    sweep=(tools/analysis/sweep_lac_dictionary.py "configs/lac/${name}_path.py")
    "$python" "${sweep[@]}" --work-dir "$root/generator" --baseline "configs/lac/${name}_two-encoders_path.py" \
      "configs/lac/$name.py" "configs/lac/${name}_two-encoders.py" >"$root/generator.log"
    cat "$root/generator/table.md"
    "$python" "${sweep[@]}" --work-dir "$root/generator_seed-1" --num-motion 128 \
      --baseline "configs/lac/${name}_two-encoders_path.py" --cfg-options randomness.seed=1 >"$root/generator_seed-1.log"
    cat "$root/generator_seed-1/table.md"
    cp "$(cat "$root/generator/$name/last_checkpoint")" "checkpoints/$name.pth"
    for form in '' _two-encoders _path _two-encoders_path; do
      folder=$root/generator/$([ "$form" = _path ] && echo J128 || echo "$name$form")
      echo "Penn Action, $name$form: $("$python" tools/analysis/evaluate_generator.py "configs/lac/$name$form.py" \
        "$(cat "$folder/last_checkpoint")" "$data/penn_action/2d" --split train | tail -n 1)"
    done
  fi
fi

# LAC and LAC-sup
for data_set in penn synthetic; do
  for variant in '' _sup; do pretrain pretrain "lac_unik_${data_set}_2d$variant" "lac/lac_unik_${data_set}_2d$variant"; done
done

# A tenth of the sequences with eight times the windows each: two thirds of the steps of a run on all sequences
few_sequences=(train_dataloader.dataset.labelled_fraction=0.1 train_dataloader.dataset.stride=16)

# Table 4.7, and a linear frame classifier with a tenth of the labels: a third of the epochs, and plain MoCo also with all
# epochs. The encoder has one feature per four frames, so the rates begin at 4.
short=(train_cfg.max_epochs=6 default_hooks.knn.interval=6)
ablation() { # NAME CONFIG [option of --cfg-options ...]
  local name=$1 config=$2
  shift 2
  pretrain ablation "$name" "$config" "$@"
  evaluate ablation "${name}_linear" lac/lac_unik_penn-chained_2d_linear "$name" "${few_sequences[@]}"
}
ablation L0 lac/lac_unik_penn_2d_moco "${short[@]}"
ablation L1_2-motions lac/lac_unik_penn_2d_wo-frame "${short[@]}"
ablation L1_3-motions lac/lac_unik_penn_2d_wo-frame "${short[@]}" model.composer.num_motions=3
ablation L2_rate-4 lac/lac_unik_penn_2d "${short[@]}"
ablation L2_rate-8 lac/lac_unik_penn_2d "${short[@]}" model.temporal_sample_rate=8
ablation L0_20-epochs lac/lac_unik_penn_2d_moco

# Clips of Penn Action: Tables 4.4 and 4.5 with classification instead of segmentation
for checkpoint in scratch lac_unik_penn_2d; do
  for protocol in linear finetune_5percent finetune_10percent; do
    evaluate classify "${protocol}_$checkpoint" "lac/lac_unik_penn_2d_$protocol" "$checkpoint"
  done
done

# Untrimmed sequences, Tables 4.2 to 4.5
for sequences in penn-chained untrimmed; do
  case $sequences in
    penn-chained) checkpoints=(scratch lac_unik_penn_2d lac_unik_penn_2d_sup) ;;
    untrimmed) checkpoints=(scratch lac_unik_synthetic_2d lac_unik_synthetic_2d_sup) ;;
  esac
  for checkpoint in "${checkpoints[@]}"; do
    for protocol in linear finetune; do
      config=lac/lac_unik_${sequences}_2d_$protocol
      evaluate segment "${sequences}_${protocol}_$checkpoint" "$config" "$checkpoint"
      evaluate segment "${sequences}_${protocol}_10percent_$checkpoint" "$config" "$checkpoint" "${few_sequences[@]}"
    done
  done
done

# Does pre-training still help when training from scratch has converged? Three times the epochs with a tenth of the
# sequences, and with a twentieth of the chained ones in about as many steps
long=(train_cfg.max_epochs=30 train_cfg.val_interval=30)
few_labels() { # SEQUENCES SHARE CHECKPOINT option of --cfg-options ...
  local sequences=$1 share=$2 checkpoint=$3
  shift 3
  for each in scratch "$checkpoint"; do
    evaluate few-labels "${sequences}_${share}_$each" "lac/lac_unik_${sequences}_2d_finetune" "$each" "$@" "${long[@]}"
  done
}
few_labels penn-chained 10percent lac_unik_penn_2d "${few_sequences[@]}"
few_labels penn-chained 5percent lac_unik_penn_2d train_dataloader.dataset.labelled_fraction=0.05 \
  train_dataloader.dataset.stride=8
few_labels untrimmed 10percent lac_unik_synthetic_2d "${few_sequences[@]}"

# The real video: trained on its first part, tested on the rest
if [ -e "$data/tsu_sample/2d/store.json" ]; then evaluate segment tsu-sample unik/unik_tsu-sample_2d scratch; fi
