namespace KdNotebooks.Properties

open System
open System.Reflection
open FSharp.Reflection

/// The options of a loss or an aligner, by their names: of our records, of a copy of one, of a reader's own.
module internal Options =
    let private same (a: string) (b: string) =
        String.Equals(a, b, StringComparison.OrdinalIgnoreCase)

    // What is private in a cell's code is an option all the same.
    let private any =
        BindingFlags.Public ||| BindingFlags.NonPublic ||| BindingFlags.Instance

    let private fields (kind: Type) =
        if FSharpType.IsRecord(kind, true) then
            FSharpType.GetRecordFields(kind, true)
        else
            [||]

    let private property (part: obj) name =
        let kind = part.GetType()

        Array.append (fields kind) (kind.GetProperties any)
        |> Array.tryFind (fun found -> same found.Name name && found.GetIndexParameters().Length = 0 && found.CanRead)

    // Some 3 and a Nullable of 3 are 3.
    let rec private plain (value: obj | null) : obj option =
        match value with
        | null -> None
        | found ->
            let kind = found.GetType()

            if kind.IsGenericType && kind.GetGenericTypeDefinition() = typedefof<option<_>> then
                match kind.GetProperty "Value" with
                | null -> None
                | inner -> plain (inner.GetValue found)
            else
                Some found

    /// What a part has under this name; what is usual where it has no such option.
    let read (part: obj) name (usual: (obj | null) option) : obj option =
        match property part name with
        | None -> usual |> Option.bind plain
        | Some found -> plain (found.GetValue part)

    let number part name (usual: float) =
        match read part name (Some(box usual)) with
        | Some(:? IConvertible as value) -> value.ToDouble null
        | _ -> usual

    let whole part name (usual: int) = int (number part name (float usual))

    let flag part name (usual: bool) =
        match read part name (Some(box usual)) with
        | Some(:? bool as value) -> value
        | _ -> usual

    /// A number that may be missing.
    let missing part name : float option =
        match read part name None with
        | Some(:? IConvertible as value) -> Some(value.ToDouble null)
        | _ -> None

    let choice<'choice when 'choice: struct> part name (usual: 'choice) : 'choice =
        match read part name (Some(box usual)) with
        | Some(:? 'choice as value) -> value
        | _ -> usual

    let private fieldsWith (part: obj) name (value: obj) : obj =
        let kind = part.GetType()

        let values: (obj | null)[] =
            fields kind
            |> Array.map (fun field -> if same field.Name name then value else field.GetValue part)

        FSharpValue.MakeRecord(kind, values, true)

    // A constructor that takes nothing but what the part shows, as PartOptions asks it of a reader's own type.
    let private constructed (part: obj) name (value: obj) : obj option =
        let argument (parameter: ParameterInfo) : (obj | null) option =
            let wanted = string parameter.Name

            if same wanted name then
                Some value
            else
                property part wanted
                |> Option.filter (fun found -> found.PropertyType = parameter.ParameterType)
                |> Option.map (fun found -> found.GetValue part)

        part.GetType().GetConstructors any
        |> Array.filter (fun found -> found.GetParameters() |> Array.exists (fun one -> same (string one.Name) name))
        |> Array.tryPick (fun found ->
            let arguments = found.GetParameters() |> Array.map argument

            if Array.forall Option.isSome arguments then
                Some(found.Invoke(Array.map Option.get arguments))
            else
                None)

    /// The same part with another value of an option: an F# record, a C# record, or a type that is made from what it
    /// shows. None where it has no such option, or cannot be made anew.
    let copy (part: obj) name (value: obj) : obj option =
        let kind = part.GetType()

        let among kinds kind = List.contains kind kinds
        let whole = among [ typeof<int>; typeof<int64>; typeof<int16>; typeof<byte> ]
        let real = among [ typeof<float>; typeof<float32>; typeof<decimal> ]

        // A number of the option's own kind.
        let fitting (wanted: Type) : obj option =
            if wanted = value.GetType() then
                Some value
            elif
                (whole wanted && whole (value.GetType()))
                || (real wanted && real (value.GetType()))
            then
                match Convert.ChangeType(value, wanted) with
                | null -> None
                | number -> Some number
            else
                None

        match
            property part name
            |> Option.bind (fun found -> fitting found.PropertyType |> Option.map (fun v -> found, v))
        with
        | Some(option, value) ->
            match kind.GetMethod "<Clone>$" with
            | _ when FSharpType.IsRecord(kind, true) -> Some(fieldsWith part name value)
            | null -> constructed part name value
            | _ when not option.CanWrite -> constructed part name value
            | clone ->
                match clone.Invoke(part, [||]) with
                | null -> None
                | other ->
                    option.SetValue(other, value)
                    Some other
        | _ -> None
