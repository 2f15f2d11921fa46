/// Copies of every aligner of the catalogue that are wrong by a factor, a layer, a small constant or how they start.
module KdNotebooks.Properties.Tests.AlignerMutants

open System
open KdNotebooks.Aligners
open KdNotebooks.Properties
open TorchSharp

type private Tensor = torch.Tensor
type private Layer = torch.nn.Module<Tensor, Tensor>
type private F = torch.nn.functional

/// Its fault, the original, and the broken copy.
type private Mutant = string * obj * obj

/// A function of the map and of layers, which are registered in this order.
type private Around(layers: Layer list, forward: Around -> Layer list -> Tensor -> Tensor) as this =
    inherit torch.nn.Module<Tensor, Tensor>("Around")

    do
        for at, layer in List.indexed layers do
            this.register_module ($"{at}", layer)

    override _.forward map =
        use scope = torch.NewDisposeScope()
        (forward this layers map).MoveToOuterDisposeScope()

    member module'.IsTraining = module'.training

let private aligner layers forward : obj =
    alignerOf "mutant" (fun ours theirs -> new Around(layers ours theirs, forward))

let private sequence layers : obj =
    alignerOf "mutant" (fun ours theirs -> torch.nn.Sequential(List.toArray (layers ours theirs: Layer list)))

let private conv bias ours theirs : Layer =
    torch.nn.Conv2d(ours, theirs, 1L, bias = bias)

let private wide ours theirs : Layer =
    torch.nn.Conv2d(ours, theirs, 3L, padding = 1L)

let private relu () : Layer = torch.nn.ReLU()

let private norm eps momentum affine channels : Layer =
    torch.nn.BatchNorm2d(channels, eps = (eps: float), momentum = (momentum: float), affine = affine)

let private mlp: Mutant list =
    [
        "without its ReLU", "channel-mlp", sequence (fun s t -> [ conv true s t; conv true t t ])
        "with a ReLU behind", "channel-mlp", sequence (fun s t -> [ conv true s t; relu (); conv true t t; relu () ])
        "as wide as the student", "channel-mlp", sequence (fun s t -> [ conv true s s; relu (); conv true s t ])
        "without biases", "channel-mlp", sequence (fun s t -> [ conv false s t; relu (); conv false t t ])
        "with a slope below zero",
        "channel-mlp",
        sequence (fun s t -> [ conv true s t; torch.nn.LeakyReLU 0.01; conv true t t ])
        "with a GELU by tanh",
        ChannelMlp(Activation = Activation.GELU),
        aligner (fun s t -> [ conv true s t; conv true t t ]) (fun _ layers map ->
            let x = layers[0].call map
            let inner = (x + x * x * x * 0.044715) * Math.Sqrt(2.0 / Math.PI)
            layers[1].call(x * (inner.tanh () + 1.0) / 2.0))
        "with a ratio of the student's channels",
        ChannelMlp(Ratio = Nullable 2.0),
        sequence (fun s t -> [ conv true s (2L * s); relu (); conv true (2L * s) t ])
        "with its gradient cut",
        "channel-mlp",
        aligner (fun s t -> [ conv true s t; conv true t t ]) (fun _ layers map ->
            layers[1].call(layers[0].call(map.detach ()).relu()))
        "that starts as Xavier", "channel-mlp", ChannelMlp(Initialization = Initialization.Xavier)
        "that starts Kaiming", "channel-mlp", ChannelMlp(Initialization = Initialization.KaimingFanOut)
        "a layer deeper", "channel-mlp", ChannelMlp(Depth = 2)
    ]

let private linear: Mutant list =
    [
        "without its bias", "linear", Linear false
        "halved", "linear", aligner (fun s t -> [ conv true s t ]) (fun _ layers map -> layers[0].call map / 2.0)
        "with a ReLU", "linear", sequence (fun s t -> [ conv true s t; relu () ])
        "with its gradient cut",
        "linear",
        aligner (fun s t -> [ conv true s t ]) (fun _ layers map -> layers[0].call(map.detach ()))
        "that starts Kaiming", "linear", ChannelMlp(Depth = 0, Initialization = Initialization.KaimingFanOut)
    ]

let private identity: Mutant list =
    let plain change =
        aligner (fun _ _ -> []) (fun _ _ map -> change map)

    [
        "with a ReLU", "identity", plain _.relu()
        "doubled", "identity", plain (fun map -> map * 2.0)
        "with its gradient cut", "identity", plain (fun map -> map.detach () * 1.0)
    ]

let private bnLinear: Mutant list =
    [
        "with PyTorch's epsilon", "bn-linear", sequence (fun s t -> [ conv false s t; norm 1e-5 0.1 false t ])
        "with weights of its own", "bn-linear", sequence (fun s t -> [ conv false s t; norm 1e-4 0.1 true t ])
        "without its normalization", "bn-linear", Linear false
        "that normalizes each image",
        "bn-linear",
        sequence (fun s t -> [ conv false s t; torch.nn.InstanceNorm2d(t, eps = 1e-4) ])
        "that forgets slowly", "bn-linear", sequence (fun s t -> [ conv false s t; norm 1e-4 0.01 false t ])
        "normalized first", "bn-linear", sequence (fun s t -> [ norm 1e-4 0.1 false s; conv false s t ])
    ]

let private convReg: Mutant list =
    [
        "without its ReLU", "conv-reg", ConvReg false
        "with a ReLU before", "conv-reg", sequence (fun s t -> [ conv false s t; relu (); norm 1e-5 0.1 true t ])
        "with a larger epsilon", "conv-reg", sequence (fun s t -> [ conv false s t; norm 1e-3 0.1 true t; relu () ])
        "without weights of its own",
        "conv-reg",
        sequence (fun s t -> [ conv false s t; norm 1e-5 0.1 false t; relu () ])
        "with a bias", "conv-reg", sequence (fun s t -> [ conv true s t; norm 1e-5 0.1 true t; relu () ])
    ]

let private ensemble: Mutant list =
    let mutant combine =
        aligner (fun s t -> List.replicate 3 () |> List.map (fun () -> conv true s t)) (fun _ layers map ->
            layers |> List.map _.call(map) |> combine)

    [
        "summed", "ensemble", mutant (List.map _.relu() >> List.reduce (+))
        "with its ReLU behind the mean", "ensemble", mutant (List.reduce (+) >> fun sum -> (sum / 3.0).relu())
        "of the largest", "ensemble", mutant (List.map _.relu() >> List.reduce (fun a b -> torch.maximum (a, b)))
        "of two", "ensemble", ProjectorEnsemble 2
        "that start alike",
        "ensemble",
        aligner
            (fun s t ->
                let first = conv true s t
                let others = [ conv true s t; conv true s t ]
                use quiet = torch.no_grad ()

                for other in others do
                    for struct (name, parameter) in first.named_parameters () do
                        (nonNull (other.get_parameter name)).copy_ parameter |> ignore

                first :: others)
            (fun _ layers map -> (layers |> List.map _.call(map).relu() |> List.reduce (+)) / 3.0)
    ]

// As ours: a 1x1 convolution where the channels differ.
let private front ours theirs =
    if ours = theirs then [] else [ conv true ours theirs ]

let private spatial: Mutant list =
    [
        "without its ReLU", "spatial", sequence (fun s t -> front s t @ [ wide t t; wide t t ])
        "with the border's numbers around",
        "spatial",
        sequence (fun s t ->
            let wide () : Layer =
                torch.nn.Conv2d(t, t, 3L, padding = 1L, padding_mode = TorchSharp.PaddingModes.Replicate)

            front s t @ [ wide (); relu (); wide () ])
        "with a 1x1 behind", "spatial", sequence (fun s t -> front s t @ [ wide t t; relu (); conv true t t ])
        "without biases",
        "spatial",
        sequence (fun s t ->
            let wide () : Layer =
                torch.nn.Conv2d(t, t, 3L, padding = 1L, bias = false)

            front s t @ [ wide (); relu (); wide () ])
        "that always changes channels", "spatial", sequence (fun s t -> [ conv true s t; wide t t; relu (); wide t t ])
    ]

let private masked: Mutant list =
    let mutant always (mask: Tensor -> Tensor) =
        aligner (fun s t -> front s t @ [ wide t t; wide t t ]) (fun around layers map ->
            let map, last =
                match layers with
                | [ first; a; b ] -> first.call map, [ a; b ]
                | others -> map, others

            let map = if always || around.IsTraining then mask map else map
            last[1].call(last[0].call(map).relu()))

    let kept (share: float) (shape: int64[]) (map: Tensor) =
        torch.rand(shape).ge(share.ToScalar()).``to`` map.dtype

    let channels (map: Tensor) =
        [| map.shape[0]; map.shape[1]; 1L; 1L |]

    [
        "scaled up", "masked", mutant false (fun map -> map * kept 0.15 (channels map) map / 0.85)
        "masked in evaluation too", "masked", mutant true (fun map -> map * kept 0.15 (channels map) map)
        "with half masked", "masked", mutant false (fun map -> map * kept 0.5 (channels map) map)
        "with the rest masked", "masked", mutant false (fun map -> map * kept 0.85 (channels map) map)
        "of positions", "masked", MaskedGenerative(0.15, MaskKind.Spatial)
        "of one mask for all numbers", "masked", mutant false (fun map -> map * kept 0.15 map.shape map)
        "without its mask", "masked", SpatialMlp()
    ]

let private nonLocal: Mutant list =
    let layers reduction eps (s: int64) (t: int64) =
        let narrow = max 1L (t / reduction)

        front s t
        @ [
            conv false t 1L
            conv true t narrow
            torch.nn.LayerNorm([| narrow; 1L; 1L |], eps = eps)
            conv true narrow t
        ]

    let mutant reduction eps (share: Tensor -> Tensor) (combine: Tensor -> Tensor -> Tensor) =
        aligner (layers reduction eps) (fun _ layers map ->
            let map, layers =
                if layers.Length = 5 then
                    layers[0].call map, layers.Tail
                else
                    map, layers

            let share = share (layers[0].call(map).flatten 2L)
            let context = map.flatten(2L).matmul(share.transpose (1L, 2L)).unsqueeze 3L
            let added = layers[3].call(layers[2].call(layers[1].call context).relu())
            combine map added)

    let softmax (a: Tensor) = a.softmax 2L
    let add (map: Tensor) (added: Tensor) = map + added

    [
        "of a plain mean", "non-local", mutant 2L 1e-5 (fun a -> torch.ones_like a / float a.shape[2] + a * 0.0) add
        "without the map", "non-local", mutant 2L 1e-5 softmax (fun map added -> map * 0.0 + added)
        "that multiplies", "non-local", mutant 2L 1e-5 softmax (fun map added -> map * (added.sigmoid () + 1.0))
        "with another epsilon", "non-local", mutant 2L 1e-3 softmax add
        "with a reduction of 4", "non-local", mutant 4L 1e-5 softmax add
        "that adds from the start", "non-local", mutant 2L 1e-5 softmax add
    ]

type private Turned(ours: int64, theirs: int64, uniform: bool, matrix: Tensor -> Tensor) as this =
    inherit torch.nn.Module<Tensor, Tensor>("Turned")
    let large, small = max ours theirs, min ours theirs
    let rotation = new TorchSharp.Modules.Parameter(torch.zeros (large, large))

    let start =
        use scope = torch.NewDisposeScope()
        let struct (q, r) = torch.linalg.qr (torch.randn (large, small))
        (if uniform then q * r.diagonal().sign() else q * 1.0).MoveToOuterDisposeScope()

    do
        this.register_parameter ("rotation", rotation)
        this.register_buffer ("start", start)

    override _.forward map =
        use scope = torch.NewDisposeScope()

        let columns =
            (matrix rotation).matmul((nonNull (this.get_buffer "start")).``to`` map.dtype)

        let weight = if ours > theirs then columns.t () else columns
        (F.conv2d (map, weight.unsqueeze(2L).unsqueeze 3L)).MoveToOuterDisposeScope()

let private orthogonal: Mutant list =
    let mutant uniform matrix =
        alignerOf "mutant" (fun ours theirs -> new Turned(ours, theirs, uniform, matrix)) :> obj

    let skew (a: Tensor) =
        let lower = a.tril -1L
        lower - lower.t ()

    let exp (a: Tensor) = torch.linalg.matrix_exp a

    [
        "turned the other way", "orthogonal", mutant true (skew >> _.neg() >> exp)
        "by half", "orthogonal", mutant true (skew >> fun a -> exp (a / 2.0))
        "of both triangles", "orthogonal", mutant true (fun a -> exp (a - a.t ()))
        "with its diagonal", "orthogonal", mutant true (fun a -> exp (a.tril () - a.tril(-1L).t()))
        "that starts on one side", "orthogonal", mutant false (skew >> exp)
    ]

let all: (string * obj * obj) list =
    [
        for kind, mutants in
            [
                "channel-mlp", mlp
                "linear", linear
                "identity", identity
                "bn-linear", bnLinear
                "conv-reg", convReg
                "ensemble", ensemble
                "spatial", spatial
                "masked", masked
                "non-local", nonLocal
                "orthogonal", orthogonal
            ] do
            for name, original, mutant in mutants -> $"{kind} {name}", original, mutant
    ]
