/** PaddleSeg's form with one row on the CPU: train, evaluation, export, inference. */
export const smallText = `===========================train_params===========================
model_name:small
python:python3
gpu_list:-1
--device:cpu
--precision:null
--iters:lite_train_lite_infer=4|whole_train_whole_infer=5
--save_dir:
--batch_size:lite_train_lite_infer=2|whole_train_whole_infer=2
--model_path:null
train_model_name:best_model/model.pdparams
train_infer_img_dir:street/infer.list
null:null
##
trainer:norm_train
norm_train:tools/train.py --config small.yml --do_eval --save_interval 2 --seed 3 --log_iters 1
pact_train:null
fpgm_train:null
distill_train:null
null:null
null:null
##
===========================eval_params===========================
eval:tools/val.py --config small.yml
null:null
##
===========================export_params===========================
--save_dir:
--model_path:
norm_export:tools/export.py --config small.yml --input_shape 1 3 256 512
quant_export:null
fpgm_export:null
distill_export:null
export1:null
export2:null
===========================infer_params===========================
infer_model:./released/model.pdparams
infer_export:tools/export.py --config small.yml --input_shape 1 3 256 512
infer_quant:False
inference:deploy/python/infer.py
--device:cpu
--enable_mkldnn:True
--cpu_threads:1
--batch_size:1
--use_trt:False
--precision:fp32
--config:
--image_path:street/infer.list
--save_log_path:null
--benchmark:True
--save_dir:
--model_name:small
`;

/** A SegNeXt that trains in milliseconds. Its transforms leave the pictures of an evaluation as they are. */
export const smallYml = `batch_size: 2
iters: 6
train_dataset:
  type: Dataset
  dataset_root: street
  num_classes: 19
  train_path: street/train.list
  mode: train
  transforms:
    - type: RandomPaddingCrop
      crop_size: [96, 96]
    - type: RandomHorizontalFlip
    - type: Normalize
      mean: [0.485, 0.456, 0.406]
      std: [0.229, 0.224, 0.225]
val_dataset:
  type: Dataset
  dataset_root: street
  num_classes: 19
  val_path: street/val.list
  mode: val
  transforms:
    - type: Normalize
      mean: [0.485, 0.456, 0.406]
      std: [0.229, 0.224, 0.225]
optimizer:
  type: AdamW
  weight_decay: 0.01
lr_scheduler:
  type: PolynomialDecay
  learning_rate: 3.0e-3
  end_lr: 1.0e-6
  power: 0.9
loss:
  types:
    - type: CrossEntropyLoss
  coef: [1]
model:
  type: SegNeXt
  backbone:
    type: MSCAN
    embed_dims: [8, 8, 16, 16]
    depths: [1, 1, 1, 1]
    mlp_ratios: [2, 2, 2, 2]
  num_classes: 19
  decoder_cfg:
    channels: 32
    ham_channels: 32
    ham_kwargs:
      MD_R: 4
    dropout_rate: 0.1
    align_corners: False
`;
