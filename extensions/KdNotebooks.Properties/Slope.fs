namespace KdNotebooks.Properties

open System

/// How steep a loss is, as its values alone say: never the gradient that is tested.
[<RequireQualifiedAccess>]
type internal Slope =
    /// The rise for each unit of the direction, and by how much it may be off.
    | Measured of slope: float * unsure: float
    | Unmeasurable of why: string

module internal Slope =
    // Central differences over a step and over half of it must agree, and second differences too: at a kink within the
    // step they do not, whichever side of it the case is on.
    let along (loss: Loss) (pair: IPair) (direction: Numbers) =
        let step = 1e-4 * max 1e-2 (Numbers.largest pair.Student)

        let at factor =
            let moved = Numbers.map2 (fun x d -> x + factor * step * d) pair.Student direction

            Evaluate.value loss (Pair.withStudent moved pair)

        let middle, up, down, halfUp, halfDown = at 0.0, at 1.0, at -1.0, at 0.5, at -0.5
        let whole, half = (up - down) / (2.0 * step), (halfUp - halfDown) / step
        let bend = (up - 2.0 * middle + down) / step
        let halfBend = 4.0 * (halfUp - 2.0 * middle + halfDown) / step
        // Richardson's: what is left of the error falls with the fourth power of the step.
        let slope = (4.0 * half - whole) / 3.0
        let rounding = 1e-13 * max (abs up) (abs middle) / step + 1e-9
        let disagreement = abs (whole - half) + abs (bend - halfBend)

        if not (Double.IsFinite slope) then
            Slope.Unmeasurable "the loss is not finite near the case"
        elif disagreement > 1e-2 * abs slope + 10.0 * rounding then
            Slope.Unmeasurable "the loss bends too sharply at the case for its slope to be measured"
        else
            Slope.Measured(slope, disagreement + rounding + 1e-6 * abs slope)

    /// Whether a gradient says along a direction what the slope there is.
    /// `subject`: what rises, in the finding; `name`: the direction's.
    let agrees subject (loss: Loss) (pair: IPair) (gradient: Numbers) name (direction: Numbers) =
        match along loss pair direction with
        | Slope.Unmeasurable why -> Finding.Discarded why
        | Slope.Measured(slope, unsure) ->
            let products = Array.map2 (*) gradient.Values direction.Values
            let claimed = Array.sum products

            if abs (slope - claimed) <= unsure + 1e-6 * Array.sumBy abs products then
                Finding.Held
            else
                Finding.Broken
                    $"along {name} {subject} rises by {Text.number slope} for each unit; its gradient says \
                    {Text.number claimed}"
