using KdNotebooks.Cli;

return KdCommand.Run(args, Console.Out, Console.Error);
