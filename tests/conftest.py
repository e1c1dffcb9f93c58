"""One thread for torch in this process: members are compared bit for bit as workers train them, one thread each."""

import torch

torch.set_num_threads(1)
