using Fairlead.Audit;

namespace Fairlead.Recording;

/// <summary>How one session is recorded.</summary>
/// <param name="Name">The file's name below <c>recording.folder</c>.</param>
/// <param name="IsRequired">Whether there is no session without it.</param>
/// <param name="HasInput">Whether what is typed is recorded too.</param>
/// <param name="MaxSize">The largest file in bytes.</param>
/// <param name="Record">The session's audit record.</param>
internal sealed record RecordingPlan(string Name, bool IsRequired, bool HasInput, long MaxSize, AuditRecord Record);
