#include "host/doctor/storage.h"

#include <gtest/gtest.h>

#include "host/doctor/fake_machine_for_test.h"

namespace swarmcast::doctor {
namespace {

// A disk sda with partition sda2, a dm-crypt device dm-0 on it, and a logical volume dm-1 on that.
class StorageTest : public testing::Test {
 protected:
  StorageTest() {
    fake.file("/sys/class/block/sda2/partition", "2\n");
    fake.file("/sys/class/block/dm-0/dm/uuid", "CRYPT-LUKS2-0123-sda2_crypt\n");
    fake.file("/sys/class/block/dm-0/slaves/sda2", "");
    fake.file("/sys/class/block/dm-1/dm/uuid", "LVM-abcd\n");
    fake.file("/sys/class/block/dm-1/slaves/dm-0", "");
    fake.file("/sys/class/block/dm-2/dm/uuid", "LVM-efgh\n");
    fake.file("/sys/class/block/dm-2/slaves/sda2", "");
  }
  void root_on(const std::string& number, const std::string& type, const std::string& source) {
    fake.file("/proc/self/mountinfo",
              "23 1 " + number + " / / rw,relatime shared:1 - " + type + " " + source + " rw\n");
  }
  void swap_on(const std::string& line) {
    fake.file("/proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n" + line + "\n");
  }
  std::vector<SwapArea> areas() { return swap_areas(fake.machine); }
  FakeMachine fake;
};

TEST_F(StorageTest, LooksThroughTheLayersOfADisk) {
  const auto of = [&](const char* name) {
    return protection_of_device(fake.machine, std::string("/sys/class/block/") + name);
  };
  EXPECT_EQ(of("sda2"), Protection::kPlain);
  EXPECT_EQ(of("dm-0"), Protection::kEncrypted);
  EXPECT_EQ(of("dm-1"), Protection::kEncrypted) << "a volume on an encrypted disk";
  EXPECT_EQ(of("dm-2"), Protection::kPlain) << "a volume on a plain disk";
  EXPECT_EQ(of("nothing"), Protection::kUnknown);
  // A mirror of an encrypted and a plain half is plain.
  fake.file("/sys/class/block/md0/slaves/dm-0", "").file("/sys/class/block/md0/slaves/sda2", "");
  EXPECT_EQ(of("md0"), Protection::kPlain);
}

TEST_F(StorageTest, ALoopOfLayersEnds) {
  fake.file("/sys/class/block/dm-8/slaves/dm-9", "").file("/sys/class/block/dm-9/slaves/dm-8", "");
  EXPECT_EQ(protection_of_device(fake.machine, "/sys/class/block/dm-8"), Protection::kUnknown);
}

TEST_F(StorageTest, ASwapOnZramIsMemoryUnlessItSpills) {
  fake.file("/sys/class/block/zram0/disksize", "1\n");
  swap_on("/dev/zram0 partition 100 0 100");
  ASSERT_EQ(areas().size(), 1u);
  EXPECT_EQ(areas()[0].protection, Protection::kInMemory);
  EXPECT_FALSE(swaps_in_the_clear(areas()));
  fake.file("/sys/class/block/zram0/backing_dev", "/dev/sda3\n");
  EXPECT_TRUE(swaps_in_the_clear(areas()));
}

TEST_F(StorageTest, ASwapIsAsSafeAsItsDevice) {
  EXPECT_TRUE(areas().empty());
  swap_on("/dev/sda2 partition 100 0 -2");
  EXPECT_TRUE(swaps_in_the_clear(areas()));
  swap_on("/dev/dm-1 partition 100 0 -2");
  EXPECT_FALSE(swaps_in_the_clear(areas()));
  fake.link("/dev/mapper/swap_crypt", "../dm-0");
  swap_on("/dev/mapper/swap_crypt partition 100 0 -2");
  EXPECT_FALSE(swaps_in_the_clear(areas()));
}

TEST_F(StorageTest, ASwapFileIsAsSafeAsItsFileSystem) {
  swap_on("/swapfile file 100 0 -2");
  EXPECT_TRUE(swaps_in_the_clear(areas())) << "nobody knows where it is";
  fake.file("/sys/dev/block/254:1/dm/uuid", "CRYPT-LUKS2-x\n");
  root_on("254:1", "ext4", "/dev/mapper/root");
  EXPECT_FALSE(swaps_in_the_clear(areas()));
}

TEST_F(StorageTest, TheLongestMountPointCounts) {
  fake.file("/sys/dev/block/8:2/partition", "2").file("/sys/dev/block/254:0/dm/uuid", "CRYPT-x");
  fake.file("/proc/self/mountinfo",
            "1 0 8:2 / / rw - ext4 /dev/sda2 rw\n"
            "2 1 254:0 / /home rw - ext4 /dev/mapper/home rw\n"
            "cut line\n");
  EXPECT_EQ(protection_of_path(fake.machine, "/var/swap"), Protection::kPlain);
  EXPECT_EQ(protection_of_path(fake.machine, "/home/swap"), Protection::kEncrypted);
  EXPECT_EQ(protection_of_path(fake.machine, "/homework"), Protection::kPlain);
}

TEST_F(StorageTest, DiskFindings) {
  EXPECT_EQ(examine_disk(fake.machine).state, State::kUnknown);
  root_on("0:30", "overlay", "overlay");
  EXPECT_EQ(examine_disk(fake.machine).state, State::kUnknown);
  root_on("0:1", "tmpfs", "tmpfs");
  EXPECT_EQ(examine_disk(fake.machine).state, State::kOk);
  root_on("0:31", "btrfs", "/dev/sda2");
  EXPECT_EQ(examine_disk(fake.machine).state, State::kWarning);
  fake.link("/dev/mapper/x", "../dm-0");
  root_on("0:31", "btrfs", "/dev/mapper/x");
  EXPECT_EQ(examine_disk(fake.machine).state, State::kOk);
}

}  // namespace
}  // namespace swarmcast::doctor
