package io.millrace.broker.group;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What there is to say of a group. */
public record GroupDescription(
        String id,
        GroupState state,
        String protocolType,
        String protocol,
        List<MemberDescription> members) {
    /** One member; metadata and assignment are empty while the group rebalances. */
    public record MemberDescription(
            String id,
            @Nullable String instanceId,
            GroupRequest.Client client,
            ByteBuffer metadata,
            ByteBuffer assignment) {}

    static GroupDescription of(ClassicGroup<?> group) {
        boolean stable = group.is(GroupState.STABLE);
        String protocol = group.protocol();
        List<MemberDescription> members =
                group.members().stream()
                        .map(member -> describe(member, stable ? protocol : null))
                        .toList();
        return new GroupDescription(
                group.id(),
                group.state(),
                group.protocolType(),
                stable && protocol != null ? protocol : "",
                members);
    }

    /** Without its members. */
    static GroupDescription summary(ClassicGroup<?> group) {
        return new GroupDescription(group.id(), group.state(), group.protocolType(), "", List.of());
    }

    private static MemberDescription describe(Member<?> member, @Nullable String protocol) {
        ByteBuffer none = ByteBuffer.allocate(0);
        return new MemberDescription(
                member.id(),
                member.instanceId(),
                member.client(),
                protocol == null ? none : member.metadata(protocol),
                protocol == null ? none : member.assignment());
    }
}
