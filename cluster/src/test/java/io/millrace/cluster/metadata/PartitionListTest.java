package io.millrace.cluster.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class PartitionListTest {
    private static final int SEEDS = 200;
    private static final int STEPS = 30;

    private static PartitionImage partition(int index, Random random) {
        return PartitionImage.created(index, List.of(random.nextInt(3)));
    }

    @Test
    void isAsAPlainListWouldBeAndListsOfBeforeStayAsTheyWere() {
        for (int seed = 0; seed < SEEDS; seed++) {
            var random = new Random(seed);
            var model = new ArrayList<PartitionImage>();
            PartitionList list = PartitionList.of(List.of());
            for (int step = 0; step < STEPS; step++) {
                List<PartitionImage> modelBefore = List.copyOf(model);
                PartitionList before = list;
                PartitionList.Editor editor = list.edit();
                for (int i = random.nextInt(700); i > 0 && random.nextInt(3) == 0; i--) {
                    model.add(partition(model.size(), random));
                    editor.add(model.getLast());
                }
                for (int i = random.nextInt(5); i > 0 && !model.isEmpty(); i--) {
                    int index = random.nextInt(model.size());
                    model.set(index, partition(index, random));
                    editor.set(model.get(index));
                    assertThat(editor.get(index)).isEqualTo(model.get(index));
                }
                if (random.nextInt(4) == 0) {
                    int more = random.nextInt(600);
                    for (int i = 0; i < more; i++) {
                        model.add(partition(model.size(), random));
                        editor.add(model.getLast());
                    }
                }
                list = editor.build();

                assertThat(list).as("seed %d", seed).isEqualTo(model);
                assertThat(before).as("seed %d", seed).isEqualTo(modelBefore);
                assertThat(PartitionList.of(model)).isEqualTo(model);
                assertThat(changed(before, list))
                        .as("seed %d", seed)
                        .isEqualTo(differing(modelBefore, model));
            }
        }
    }

    private static List<Integer> changed(PartitionList before, PartitionList after) {
        var changed = new ArrayList<Integer>();
        after.forEachChanged(before, changed::add);
        return changed;
    }

    private static List<Integer> differing(
            List<PartitionImage> before, List<PartitionImage> after) {
        var differing = new TreeSet<Integer>();
        for (int i = 0; i < after.size(); i++) {
            if (i >= before.size() || !after.get(i).equals(before.get(i))) {
                differing.add(i);
            }
        }
        return List.copyOf(differing);
    }
}
