import { takeShipped } from '../../harness/support/take-shipped.js';
import type { ConvertOptions } from '../../pipeline/tools/convert.js';
import { optsOption } from '../options/network.js';
import type { Program } from '../program.js';

export function register(program: Program): void {
  program
    .command('convert')
    .helpGroup('Your port, your weights:')
    .summary("give weights of a network's PyTorch code Paddle's names and shapes, or the other way round")
    .description(
      'Reads weights of a network or of its backbone alone, finds out by their names whose they are, and writes them with the names and shapes of another code. What became of each tensor is printed. Exit codes: 0 written, 2 bad usage or input.',
    )
    .argument('<weights>', 'a .pth, .pt, .safetensors, .npz or .pdparams file')
    .requiredOption('--config <yml>', 'the PaddleSeg model config of the network', takeShipped)
    .requiredOption('--out <file>', 'a file that ends in .safetensors, .npz or .pdparams')
    .option('--to <code>', 'paddle, or a PyTorch code that has the network, such as mmseg', 'paddle')
    .addOption(optsOption)
    .option('--force', 'replace a file that exists')
    .endsWith(async (weights: string, options: ConvertOptions) => {
      const { runConvert } = await import('../../pipeline/tools/convert.js');
      await runConvert(weights, options);
      return 0;
    });
}
