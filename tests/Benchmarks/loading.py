"""What torchvision takes to read a folder of JPEGs as normalised batches: seconds of processor time an image.

loading.py THREADS ROUNDS, with KD_IMAGES naming the folder: the shortest of the rounds.
"""
import json, os, sys, time
import torch
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

threads, rounds = int(sys.argv[1]), int(sys.argv[2])
torch.set_num_threads(threads)
data = datasets.ImageFolder(os.path.join(os.environ["KD_IMAGES"], "train"), transforms.Compose([
    transforms.RandomResizedCrop(224), transforms.RandomHorizontalFlip(), transforms.ToTensor(),
    transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])]))
loader = DataLoader(data, batch_size=32, shuffle=True, num_workers=0)
times = []
for _ in range(rounds + 1):
    began = time.process_time()
    for images, labels in loader:
        pass
    times.append((time.process_time() - began) / len(data))
print(json.dumps({"seconds": min(times[1:])}))
