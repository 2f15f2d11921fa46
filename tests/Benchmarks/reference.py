"""The notebook's networks and step in PyTorch eager, for the ratios of KdNotebooks.Benchmarks.

Usage: python3 reference.py THREADS ROUNDS, with Debian's python3-torch. Prints one JSON object: medians in
milliseconds of the frozen teacher's forward pass, of a live distillation step, and of the student's part alone.
"""

import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

BATCH, TEACHER, STUDENT = 128, (14, 24), (8, 8)


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        identity = x if self.downsample is None else self.downsample(x)
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += identity
        return self.relu(out)


class ResNet(nn.Module):
    def __init__(self, depth, width):
        super().__init__()
        blocks = (depth - 2) // 6
        self.conv1 = nn.Conv2d(1, width, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        stage = lambda i, o, s: nn.Sequential(*[Block(i if b == 0 else o, o, s if b == 0 else 1) for b in range(blocks)])
        self.layer1, self.layer2, self.layer3 = stage(width, width, 1), stage(width, 2 * width, 2), stage(2 * width, 4 * width, 2)
        self.fc = nn.Linear(4 * width, 10)

    def forward(self, x):
        features = self.layer3(self.layer2(self.layer1(self.relu(self.bn1(self.conv1(x))))))
        return self.fc(F.adaptive_avg_pool2d(features, 1).flatten(1)), features


def median(action, rounds):
    for _ in range(5):
        action()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        action()
        times.append(1000 * (time.perf_counter() - start))
    return sorted(times)[len(times) // 2]


def main():
    torch.set_num_threads(int(sys.argv[1]))
    rounds = int(sys.argv[2])
    images, labels = torch.randn(BATCH, 1, 28, 28), torch.randint(0, 10, (BATCH,))
    teacher, student = ResNet(*TEACHER).eval(), ResNet(*STUDENT)
    channels = 4 * TEACHER[1]
    aligner = nn.Sequential(nn.Conv2d(4 * STUDENT[1], channels, 1), nn.ReLU(), nn.Conv2d(channels, channels, 1))
    optimizer = torch.optim.SGD(
        [*student.parameters(), *aligner.parameters()], lr=0.1, momentum=0.9, weight_decay=5e-4)

    def forward():
        with torch.no_grad():
            return teacher(images)[1]

    def learn(target):
        optimizer.zero_grad()
        logits, features = student(images)
        loss = F.cross_entropy(logits, labels) + 5 * F.mse_loss(aligner(features), target)
        loss.backward()
        optimizer.step()
        return loss.item()

    fixed = forward()
    print(json.dumps({
        "torch": torch.__version__,
        "teacher": median(forward, rounds),
        "step": median(lambda: learn(forward()), rounds),
        "student": median(lambda: learn(fixed), rounds),
    }))


if __name__ == "__main__":
    main()
