module KdNotebooks.Properties.Tests.NumbersTests

open KdNotebooks.Properties
open TorchSharp
open global.Xunit

let private count shape = Numbers.init shape float

[<Fact>]
let ``Numbers become a tensor of float64, and come back`` () =
    use scope = torch.NewDisposeScope()
    let numbers = count [ 2; 3; 1; 2 ]
    let tensor = Numbers.tensor numbers
    Assert.Equal<int64[]>([| 2L; 3L; 1L; 2L |], tensor.shape)
    Assert.Equal(torch.float64, tensor.dtype)
    Assert.Equal(5.0, tensor[0, 2, 0, 1].item<float>())
    Assert.Equal(numbers, Numbers.ofTensor tensor)
    Assert.Equal(numbers, Numbers.ofTensor (KdNotebooks.Ops.ChannelsLast.Of tensor))

// A loss that writes into its input must not change the case.
[<Fact>]
let ``A tensor has memory of its own`` () =
    use scope = torch.NewDisposeScope()
    let numbers = count [ 2 ]
    (Numbers.tensor numbers).zero_() |> ignore
    Assert.Equal<float[]>([| 0.0; 1.0 |], numbers.Values)

[<Fact>]
let ``Slices are taken along any axis, in any order`` () =
    let numbers = count [ 2; 3; 2 ]
    Assert.Equal<float[]>([| 6.0; 7.0; 8.0; 9.0; 10.0; 11.0 |], (Numbers.take 0 [| 1 |] numbers).Values)

    let swapped = Numbers.take 1 [| 2; 0 |] numbers
    Assert.Equal<int list>([ 2; 2; 2 ], swapped.Shape)
    Assert.Equal<float[]>([| 4.0; 5.0; 0.0; 1.0; 10.0; 11.0; 6.0; 7.0 |], swapped.Values)
    Assert.Equal<float[]>([| 1.0; 3.0; 5.0; 7.0; 9.0; 11.0 |], (Numbers.take 2 [| 1 |] numbers).Values)

[<Fact>]
let ``A change may depend on the place along an axis`` () =
    let numbers = Numbers.init [ 2; 2; 2 ] (fun _ -> 1.0)

    let scaled =
        Numbers.mapi 1 (fun channel value -> float (channel + 1) * value) numbers

    Assert.Equal<float[]>([| 1.0; 1.0; 2.0; 2.0; 1.0; 1.0; 2.0; 2.0 |], scaled.Values)

[<Fact>]
let ``A matrix mixes slices, and may make more of them or fewer`` () =
    let numbers = count [ 2; 2; 2 ]
    let mixed = Numbers.mix 1 (array2D [ [ 1.0; 10.0 ] ]) numbers
    Assert.Equal<int list>([ 2; 1; 2 ], mixed.Shape)
    Assert.Equal<float[]>([| 20.0; 31.0; 64.0; 75.0 |], mixed.Values)

    let more =
        Numbers.mix 1 (array2D [ [ 1.0; 0.0 ]; [ 0.0; 1.0 ]; [ 1.0; 1.0 ] ]) numbers

    Assert.Equal<float[]>([| 0.0; 1.0; 2.0; 3.0; 2.0; 4.0 |], (Numbers.take 0 [| 0 |] more).Values)

[<Fact>]
let ``Numbers are equal by value, those that are none too`` () =
    let odd = Numbers.row [| nan; 1.0 |]
    Assert.Equal(odd, Numbers.row [| nan; 1.0 |])
    Assert.NotEqual(odd, Numbers.row [| nan; 2.0 |])
    Assert.NotEqual(count [ 4 ], count [ 2; 2 ])
    Assert.Equal(3.0, Numbers.largest (Numbers.row [| -3.0; 2.0 |]))
