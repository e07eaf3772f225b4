/**
 * A TIPC text file of the form train_infer, made for tests: a model `toy` on one and on two GPUs.
 * @param changes values by key; `infer.` before a key that stands twice means the later one
 */
export function tipcTextForTests(changes: Readonly<Record<string, string>> = {}): string {
  const unused = new Set(Object.keys(changes));
  let section = '';
  const lines = template.split('\n').map((line) => {
    section = /^=+(\w+?)_params=+$/.exec(line)?.[1] ?? section;
    const key = line.split(':')[0]!;
    const name = [`${section}.${key}`, key].find((candidate) => candidate in changes);
    if (name === undefined || (name === key && !unused.has(key))) return line;
    unused.delete(name);
    return `${key}:${changes[name]}`;
  });
  if (unused.size > 0) throw new Error(`no line of the template has the key ${[...unused].join(', ')}`);
  return lines.join('\n');
}

const template = `===========train_params===========
model_name:toy
python:python3.7
gpu_list:0|0,1
--device:gpu|gpu
--precision:null
--iters:lite_train_lite_infer=20|whole_train_whole_infer=1000
--save_dir:
--batch_size:lite_train_lite_infer=2|whole_train_whole_infer=3
--model_path:null
train_model_name:best_model/model.pdparams
train_infer_img_dir:five.list
null:null
##
trainer:norm_train
norm_train:tools/train.py --config y.yml --do_eval
pact_train:null
fpgm_train:null
distill_train:null
null:null
null:null
##
===========eval_params===========
eval:null
null:null
##
===========export_params===========
--save_dir:
--model_path:
norm_export:tools/export.py --config y.yml
quant_export:null
fpgm_export:null
distill_export:null
export1:null
export2:null
===========infer_params===========
infer_model:./weights/model.pdparams
infer_export:tools/export.py --config y.yml
infer_quant:False
inference:deploy/python/infer.py
--device:cpu|gpu
--enable_mkldnn:True
--cpu_threads:6
--batch_size:1
--use_trt:False
--precision:fp32
--config:
--image_path:all.list
--save_log_path:null
--benchmark:True
--save_dir:
--model_name:toy
`;
