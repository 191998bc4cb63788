package io.millrace.broker.group.shard;

import static io.millrace.broker.group.shard.Shards.LIMITS;
import static io.millrace.broker.group.shard.Shards.commit;
import static io.millrace.broker.group.shard.Shards.join;
import static io.millrace.broker.group.shard.Shards.sync;
import static io.millrace.broker.group.shard.Shards.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.broker.group.ClusterView;
import io.millrace.broker.group.CommittedOffset;
import io.millrace.broker.group.GroupDescription;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupLimits;
import io.millrace.broker.group.GroupReply;
import io.millrace.broker.group.GroupReply.Each;
import io.millrace.broker.group.GroupReply.Joined;
import io.millrace.broker.group.GroupReply.Plain;
import io.millrace.broker.group.GroupReply.Synced;
import io.millrace.broker.group.GroupRequest;
import io.millrace.broker.group.GroupRequest.Claim;
import io.millrace.broker.group.GroupRequest.Leaver;
import io.millrace.broker.group.GroupState;
import io.millrace.broker.group.Output;
import io.millrace.broker.shard.StoredRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class GroupShardTest {
    private final List<StoredRecord> records = new ArrayList<>();
    private final Map<String, GroupReply> replies = new HashMap<>();
    private GroupShard<String> shard = new GroupShard<>(LIMITS, ClusterView.NOTHING);

    private void send(String request, GroupRequest asked, long nowMs) {
        take(shard.handle(request, asked, nowMs));
    }

    private void take(Output<String> output) {
        records.addAll(output.records());
        output.replies().forEach(reply -> replies.put(reply.request(), reply.reply()));
    }

    private <R extends GroupReply> R reply(String request, Class<R> type) {
        return type.cast(Objects.requireNonNull(replies.get(request)));
    }

    private GroupError error(String request) {
        return reply(request, GroupReply.class).error();
    }

    /** One dynamic member, joined, synced and alone. */
    private Claim alone(String id, long nowMs) {
        send("first", join("", null, id), nowMs);
        send("join", join(id, null, "unused"), nowMs);
        Joined joined = reply("join", Joined.class);
        var claim = new Claim(joined.generation(), id, null);
        send("sync", sync(claim, Map.of(id, text("all"))), nowMs);
        return claim;
    }

    /** Reads the shard again from what it had stored. */
    private void replay(long nowMs) throws InvalidProtocolBufferException {
        shard = new GroupShard<>(LIMITS, ClusterView.NOTHING);
        for (StoredRecord record : records) {
            shard.replay(record, nowMs);
        }
    }

    @Test
    void aNewMemberHasToComeAgainWithItsId() {
        send("first", join("", null, "m1"), 0);

        assertThat(error("first")).isEqualTo(GroupError.MEMBER_ID_REQUIRED);
        assertThat(reply("first", Joined.class).memberId()).isEqualTo("m1");
    }

    @Test
    void moreGroupsThanTheLimitAreRefusedAndThoseThatAreThereGoOn() {
        var few = new GroupLimits(0, 10, 1_000_000, 10, 100, 100_000, 1);
        shard = new GroupShard<>(few, ClusterView.NOTHING);
        Claim claim = alone("m1", 0);
        var nobody = new Claim(-1, "", null);
        var offsets = commit(nobody, 7).offsets();

        send("other join", inGroup("h", join("", null, "m2")), 0);
        send("other commit", new GroupRequest.Commit("h", nobody, true, offsets), 0);
        send("own commit", commit(claim, 7), 0);

        assertThat(error("other join")).isEqualTo(GroupError.GROUP_MAX_SIZE_REACHED);
        assertThat(reply("other commit", Each.class).errors())
                .containsExactly(GroupError.GROUP_MAX_SIZE_REACHED);
        assertThat(shard.describe("h")).isNull();
        assertThat(reply("own commit", Each.class).errors()).containsExactly(GroupError.NONE);
    }

    private static GroupRequest inGroup(String group, GroupRequest.Join join) {
        return new GroupRequest.Join(
                group,
                join.memberId(),
                join.instanceId(),
                join.freshMemberId(),
                join.client(),
                join.timeouts(),
                join.protocolType(),
                join.protocols(),
                join.idRequired(),
                join.skipsAssignment());
    }

    @Test
    void theOnlyMemberLeadsAndGetsWhatItAssigned() {
        alone("m1", 0);

        Joined joined = reply("join", Joined.class);
        assertThat(joined.leader()).isEqualTo("m1");
        assertThat(joined.members()).hasSize(1);
        assertThat(reply("sync", Synced.class).assignment()).isEqualTo(text("all"));
        assertThat(records).hasSize(1);
    }

    @Test
    void aSecondMemberMakesTheFirstJoinAgain() {
        int generation = twoJoined();

        assertThat(reply("join2", Joined.class).generation()).isEqualTo(generation);
        assertThat(reply("rejoin", Joined.class).members()).hasSize(2);
    }

    /** Two members that have joined and not synced; returns their generation. */
    private int twoJoined() {
        Claim first = alone("m1", 0);
        send("n", join("", null, "m2"), 10);
        send("join2", join("m2", null, "x"), 10);
        assertThat(replies).doesNotContainKey("join2");

        send("beat", new GroupRequest.Heartbeat("g", first), 20);
        assertThat(error("beat")).isEqualTo(GroupError.REBALANCE_IN_PROGRESS);
        send("rejoin", join("m1", null, "x"), 30);
        return first.generation() + 1;
    }

    @Test
    void aFollowerWaitsForTheLeadersAssignment() {
        int generation = twoJoined();

        send("sync2", sync(new Claim(generation, "m2", null), Map.of()), 40);
        assertThat(replies).doesNotContainKey("sync2");
        send(
                "sync1",
                sync(new Claim(generation, "m1", null), Map.of("m1", text("a"), "m2", text("b"))),
                50);

        assertThat(reply("sync2", Synced.class).assignment()).isEqualTo(text("b"));
    }

    @Test
    void aSilentMemberIsRemovedAndTheGroupEmpties() {
        alone("m1", 0);

        take(shard.tick(Shards.SESSION_MS - 1));
        assertThat(shard.describe("g"))
                .extracting(GroupDescription::state)
                .isEqualTo(GroupState.STABLE);
        take(shard.tick(Shards.SESSION_MS));

        assertThat(shard.describe("g"))
                .extracting(GroupDescription::state)
                .isEqualTo(GroupState.EMPTY);
    }

    @Test
    void aStaticMemberComesBackWithoutARebalance() {
        send("s1", join("", "inst", "m1"), 0);
        int generation = reply("s1", Joined.class).generation();
        send("y1", sync(new Claim(generation, "m1", "inst"), Map.of("m1", text("p"))), 0);

        send("s2", join("", "inst", "m2"), 100);

        assertThat(reply("s2", Joined.class).generation()).isEqualTo(generation);
        assertThat(reply("s2", Joined.class).skipAssignment()).isTrue();
        send("old", new GroupRequest.Heartbeat("g", new Claim(generation, "m1", "inst")), 110);
        assertThat(error("old")).isEqualTo(GroupError.FENCED_INSTANCE_ID);
        send("y2", sync(new Claim(generation, "m2", "inst"), Map.of()), 120);
        assertThat(reply("y2", Synced.class).assignment()).isEqualTo(text("p"));
    }

    @Test
    void commitsOfTheWrongGenerationAreRefused() {
        Claim claim = alone("m1", 0);

        send("ok", commit(claim, 5), 10);
        send("old", commit(new Claim(claim.generation() - 1, "m1", null), 9), 10);
        send("who", commit(new Claim(claim.generation(), "zz", null), 9), 10);
        send("bare", commit(new Claim(-1, "", null), 9), 10);

        assertThat(reply("ok", Each.class).errors()).containsExactly(GroupError.NONE);
        assertThat(reply("old", Each.class).errors())
                .containsExactly(GroupError.ILLEGAL_GENERATION);
        assertThat(reply("who", Each.class).errors()).containsExactly(GroupError.UNKNOWN_MEMBER_ID);
        assertThat(reply("bare", Each.class).errors())
                .containsExactly(GroupError.UNKNOWN_MEMBER_ID);
        assertThat(shard.offset("g", new GroupRequest.Place("t", 0)))
                .extracting(CommittedOffset::offset)
                .isEqualTo(5L);
    }

    @Test
    void aStandaloneConsumerCommitsToAGroupWithoutMembers() {
        send("c", commit(new Claim(-1, "", null), 7), 0);

        assertThat(reply("c", Each.class).errors()).containsExactly(GroupError.NONE);
    }

    @Test
    void offsetsOutliveTheMembersOnlyForTheirRetention() {
        Claim claim = alone("m1", 0);
        send("c", commit(claim, 7), 0);
        send("l", new GroupRequest.Leave("g", List.of(new Leaver("m1", null))), 100);
        assertThat(shard.offsets("g")).hasSize(1);

        take(shard.expireOffsets(100 + LIMITS.offsetsRetentionMs() - 1));
        assertThat(shard.offsets("g")).hasSize(1);
        take(shard.expireOffsets(100 + LIMITS.offsetsRetentionMs()));

        assertThat(shard.describe("g")).isNull();
    }

    @Test
    void anOffsetThatNamesItsOwnRetentionIsKeptForSoLong() throws InvalidProtocolBufferException {
        var kept =
                new GroupRequest.Offset("t", 0, 5, -1, "").keptFor(2 * LIMITS.offsetsRetentionMs());
        var brief = new GroupRequest.Offset("t", 1, 5, -1, "").keptFor(10);
        send(
                "c",
                new GroupRequest.Commit("g", new Claim(-1, "", null), true, List.of(kept, brief)),
                0);

        take(shard.expireOffsets(9));
        assertThat(shard.offsets("g")).hasSize(2);
        take(shard.expireOffsets(10));
        assertThat(shard.offsets("g")).containsOnlyKeys(new GroupRequest.Place("t", 0));
        replay(10);
        take(shard.expireOffsets(2 * LIMITS.offsetsRetentionMs() - 1));
        assertThat(shard.offsets("g")).hasSize(1);
        take(shard.expireOffsets(2 * LIMITS.offsetsRetentionMs()));
        assertThat(shard.offsets("g")).isEmpty();
    }

    @Test
    void aGroupWithMembersIsNotDeleted() {
        Claim claim = alone("m1", 0);
        send("d", new GroupRequest.Delete("g"), 0);
        assertThat(error("d")).isEqualTo(GroupError.NON_EMPTY_GROUP);

        send("l", new GroupRequest.Leave("g", List.of(new Leaver(claim.memberId(), null))), 0);
        send("d2", new GroupRequest.Delete("g"), 0);
        send("d3", new GroupRequest.Delete("g"), 0);

        assertThat(reply("d2", Plain.class).error()).isEqualTo(GroupError.NONE);
        assertThat(error("d3")).isEqualTo(GroupError.GROUP_ID_NOT_FOUND);
    }

    @Test
    void replayGivesTheGroupAgain() throws InvalidProtocolBufferException {
        Claim claim = alone("m1", 0);
        send("c", commit(claim, 42), 0);

        replay(500);

        send("beat", new GroupRequest.Heartbeat("g", claim), 600);
        assertThat(error("beat")).isEqualTo(GroupError.NONE);
        send("again", sync(claim, Map.of()), 600);
        assertThat(reply("again", Synced.class).assignment()).isEqualTo(text("all"));
        assertThat(shard.offset("g", new GroupRequest.Place("t", 0)))
                .extracting(CommittedOffset::offset)
                .isEqualTo(42L);
    }

    @Test
    void whatIsOutOfBoundsIsRefused() {
        send(
                "t",
                new GroupRequest.Join(
                        "g",
                        "",
                        null,
                        "x",
                        new GroupRequest.Client("", ""),
                        new GroupRequest.Timeouts(1, 1),
                        "consumer",
                        List.of(),
                        true,
                        true),
                0);
        assertThat(error("t")).isEqualTo(GroupError.INVALID_SESSION_TIMEOUT);
        for (int i = 0; i < LIMITS.maxSize(); i++) {
            send("j" + i, join("", null, "m" + i), 0);
        }
        send("full", join("", null, "last"), 0);
        assertThat(error("full")).isEqualTo(GroupError.GROUP_MAX_SIZE_REACHED);
        send("who", join("nobody", null, "x"), 0);
        assertThat(error("who")).isEqualTo(GroupError.UNKNOWN_MEMBER_ID);
        send("beat", new GroupRequest.Heartbeat("other", new Claim(1, "m", null)), 0);
        assertThat(error("beat")).isEqualTo(GroupError.UNKNOWN_MEMBER_ID);
    }

    /** One static member with these offers, joined and synced; returns its generation. */
    private int staticMember(String id, String topic) {
        send("s1", staticJoin(id, topic, true), 0);
        int generation = reply("s1", Joined.class).generation();
        send("y1", sync(new Claim(generation, id, "inst"), Map.of(id, text("p"))), 0);
        return generation;
    }

    private static GroupRequest.Join staticJoin(String fresh, String topic, boolean skips) {
        var plain = join("", "inst", fresh);
        return new GroupRequest.Join(
                "g",
                "",
                "inst",
                fresh,
                plain.client(),
                plain.timeouts(),
                "consumer",
                List.of(new GroupRequest.Protocol("range", Shards.subscription(topic))),
                true,
                skips);
    }

    @Test
    void aStaticMemberThatComesBackWithOtherMetadataMakesNoRebalance() {
        int generation = staticMember("m1", "t");

        send("s2", staticJoin("m2", "u", true), 100);

        assertThat(reply("s2", Joined.class).generation()).isEqualTo(generation);
        assertThat(reply("s2", Joined.class).leader()).isEqualTo("m2");
        assertThat(reply("s2", Joined.class).members()).hasSize(1);
    }

    @Test
    void aLeaderThatCannotSkipTheAssignmentIsToldThatItsFormerIdLeads() {
        staticMember("m1", "t");

        send("s2", staticJoin("m2", "t", false), 100);

        assertThat(reply("s2", Joined.class).leader()).isEqualTo("m1");
        assertThat(reply("s2", Joined.class).members()).isEmpty();
    }

    @Test
    void aMemberThatJoinedAndNeverSyncsIsRemovedThoughItBeats() {
        int generation = twoJoined();
        send(
                "sync1",
                sync(new Claim(generation, "m1", null), Map.of("m1", text("a"), "m2", text("b"))),
                50);
        var silent = new GroupRequest.Heartbeat("g", new Claim(generation, "m2", null));
        var lively = new GroupRequest.Heartbeat("g", new Claim(generation, "m1", null));
        for (long nowMs = 500; nowMs < Shards.REBALANCE_MS; nowMs += 500) {
            send("b1", lively, nowMs);
            send("b2", silent, nowMs);
            take(shard.tick(nowMs));
        }
        assertThat(error("b2")).isEqualTo(GroupError.NONE);

        take(shard.tick(30 + Shards.REBALANCE_MS));

        send("b2", silent, 31 + Shards.REBALANCE_MS);
        assertThat(error("b2")).isEqualTo(GroupError.UNKNOWN_MEMBER_ID);
        send("b1", lively, 31 + Shards.REBALANCE_MS);
        assertThat(error("b1")).isEqualTo(GroupError.REBALANCE_IN_PROGRESS);
    }

    @Test
    void aGroupWhereAllHaveSyncedStaysStableWhenThePhaseWouldHaveEnded() {
        Claim claim = alone("m1", 0);
        for (long nowMs = 500; nowMs < 3L * Shards.REBALANCE_MS; nowMs += 500) {
            send("b", new GroupRequest.Heartbeat("g", claim), nowMs);
            take(shard.tick(nowMs));
            assertThat(error("b")).isEqualTo(GroupError.NONE);
        }
    }

    @Test
    @Timeout(10)
    void aHostileNumberOfProtocolsCostsLinearTime() {
        var offers = new ArrayList<GroupRequest.Protocol>();
        for (int i = 0; i < 300_000; i++) {
            offers.add(new GroupRequest.Protocol("p" + i, text("")));
        }
        for (String id : List.of("m1", "m2")) {
            var plain = join("", null, id);
            send(
                    id,
                    new GroupRequest.Join(
                            "g",
                            "",
                            null,
                            id,
                            plain.client(),
                            plain.timeouts(),
                            "consumer",
                            offers.reversed(),
                            false,
                            true),
                    0);
        }

        assertThat(shard.describe("g"))
                .extracting(GroupDescription::state)
                .isEqualTo(GroupState.PREPARING_REBALANCE);
    }

    @Test
    void aCommitToAGroupThatIsNotThereIsRefusedAsTheClientsVersionKnowsIt() {
        var claim = new Claim(3, "m1", null);
        var offsets = List.of(new GroupRequest.Offset("t", 0, 5, -1, ""));

        send("new", new GroupRequest.Commit("g", claim, true, offsets), 0);
        send("old", new GroupRequest.Commit("g", claim, false, offsets), 0);

        assertThat(error("new")).isEqualTo(GroupError.GROUP_ID_NOT_FOUND);
        assertThat(error("old")).isEqualTo(GroupError.ILLEGAL_GENERATION);
    }

    @Test
    void aRefusedCommitMakesNoGroup() {
        var tooLong = new GroupRequest.Offset("t", 0, 5, -1, "x".repeat(101));
        var claim = new Claim(-1, "", null);

        send("c", new GroupRequest.Commit("g", claim, true, List.of(tooLong)), 0);

        assertThat(reply("c", Each.class).errors())
                .containsExactly(GroupError.OFFSET_METADATA_TOO_LARGE);
        assertThat(shard.describe("g")).isNull();
    }

    @Test
    void theEmptyGroupIdKeepsOffsetsButHasNoMembers() {
        var claim = new Claim(-1, "", null);
        var offsets = List.of(new GroupRequest.Offset("t", 0, 5, -1, ""));

        send("c", new GroupRequest.Commit("", claim, true, offsets), 0);
        send("b", new GroupRequest.Heartbeat("", claim), 0);
        send("d", new GroupRequest.Delete(""), 0);

        assertThat(error("c")).isEqualTo(GroupError.NONE);
        assertThat(error("b")).isEqualTo(GroupError.INVALID_GROUP_ID);
        assertThat(error("d")).isEqualTo(GroupError.NONE);
    }

    @Test
    void offsetsOfSubscribedTopicsAreNotDeletedAndDeletingTheLastKeepsTheGroup() {
        Claim claim = alone("m1", 0);
        send("c", commit(claim, 5), 0);
        var delete = new GroupRequest.DeleteOffsets("g", List.of(new GroupRequest.Place("t", 0)));

        send("d1", delete, 0);
        send("l", new GroupRequest.Leave("g", List.of(new Leaver("m1", null))), 0);
        send("d2", delete, 0);

        assertThat(reply("d1", Each.class).errors())
                .containsExactly(GroupError.GROUP_SUBSCRIBED_TO_TOPIC);
        assertThat(reply("d2", Each.class).errors()).containsExactly(GroupError.NONE);
        assertThat(shard.offsets("g")).isEmpty();
        assertThat(shard.describe("g"))
                .extracting(GroupDescription::state)
                .isEqualTo(GroupState.EMPTY);
    }
}
