namespace Fairlead.Testing.Processes;

/// <summary>Signals of Linux by their numbers.</summary>
public static class SignalNumber
{
    /// <summary>SIGABRT: what a program that gives up sends to itself.</summary>
    public const int Abort = 6;

    /// <summary>SIGKILL.</summary>
    public const int Kill = 9;

    /// <summary>SIGSEGV.</summary>
    public const int Segmentation = 11;

    /// <summary>SIGCONT.</summary>
    public const int Continue = 18;

    /// <summary>SIGSTOP.</summary>
    public const int Stop = 19;

    /// <summary>SIGXCPU, after which the kernel writes a dump.</summary>
    public const int CpuTimeExceeded = 24;
}
